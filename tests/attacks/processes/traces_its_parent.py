# tries: to trace, read and write the process that it was forked from, and those above it
# outcome: N
import ctypes
import os
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
_ATTACH, _SEIZE = 16, 0x4206
_libc = ctypes.CDLL(None, use_errno=True)


def _above():
    pid = os.getppid()
    while pid:
        yield pid
        try:
            with open(f"/proc/{pid}/stat") as file:
                pid = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            return


for _pid in _above():
    for _request in (_ATTACH, _SEIZE):
        if _libc.ptrace(_request, _pid, 0, 0) == 0:
            print("REACHED", "ptrace", _pid)
    for _name in ("mem", "environ", "maps", "syscall", "stack"):
        try:
            with open(f"/proc/{_pid}/{_name}", "rb") as _file:
                _file.read(1)
                print("REACHED", _name, _pid)
        except OSError:
            pass
    try:
        print("REACHED", os.listdir(f"/proc/{_pid}/fd"), os.readlink(f"/proc/{_pid}/cwd"))
    except OSError:
        pass
