# tries: SIGKILL, SIGTERM and SIGSTOP on the process that it was forked from
# outcome: N
# flag: kill
import os
import signal
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
_parent = os.getppid()

for _signal in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
    try:
        os.kill(_parent, _signal)
    except OSError as _error:
        print(_error)
if os.getppid() != _parent:
    print("REACHED", _parent)
