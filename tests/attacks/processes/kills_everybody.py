# tries: kill(-1) with each signal, and then a right answer
# outcome: N
import os
import signal
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]

for _signal in (signal.SIGTERM, signal.SIGINT, signal.SIGSTOP, signal.SIGKILL, signal.SIGHUP, signal.SIGUSR1):
    try:
        os.kill(-1, _signal)
        if _signal == signal.SIGKILL and os.getppid() > 1:
            print("REACHED", "everybody")
    except OSError:
        pass
