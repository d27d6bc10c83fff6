# tries: SIGTERM on itself, from a thread
# outcome: F
# reason: was ended by SIGTERM during `double`
import os
import signal
import threading


def double(number, work):
    thread = threading.Thread(target=lambda: os.kill(os.getpid(), signal.SIGTERM))
    thread.start()
    thread.join()
    return 2 * work(number)
