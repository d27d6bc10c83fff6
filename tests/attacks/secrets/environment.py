# tries: tokens and keys in its own environment, and in that of every process it can see
# outcome: N
import os
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
_WORDS = (b"TOKEN", b"SECRET", b"KEY", b"PASSWORD", b"ACTIONS_", b"CI=", b"threadlab-attack")

for _name, _value in os.environb.items():
    if any(_word in _name + b"=" + _value for _word in _WORDS):
        print("REACHED", _name, _value)
for _pid in os.listdir("/proc"):
    for _file in ("environ", "task/1/environ"):
        try:
            with open(f"/proc/{_pid}/{_file}", "rb") as _open:
                _data = _open.read()
        except OSError:
            continue
        if _pid != str(os.getpid()) and any(_word in _data for _word in _WORDS):
            print("REACHED", _pid)
