# tries: SIGINT on the process that it was forked from, for which Python has a handler that raises
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

for _ in range(3):
    try:
        os.kill(os.getppid(), signal.SIGINT)
    except OSError as _error:
        print(_error)
