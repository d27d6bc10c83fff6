# tries: paths of tests, keys and results in the command lines of the processes it can see
# outcome: N
# not held at landlock: the command lines of all processes can be read
# not held at limits: the command lines of all processes can be read
import os
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]

for _pid in os.listdir("/proc"):
    try:
        with open(f"/proc/{_pid}/cmdline", "rb") as _open:
            _data = _open.read()
    except OSError:
        continue
    if b"--json" in _data or b"course" in _data or b"test_hidden" in _data:
        print("REACHED", _pid)
