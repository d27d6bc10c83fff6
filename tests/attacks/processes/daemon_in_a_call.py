# tries: a process left behind by a call, which holds on to all descriptors and ignores all signals
# outcome: N
# flag: left processes behind
import os
import signal
import threading
import time


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    if os.fork() == 0:
        for name in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
            signal.signal(name, signal.SIG_IGN)
        while True:
            time.sleep(1_000)
    return 2 * found[0]
