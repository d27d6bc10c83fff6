# tries: to ignore every signal that can be, and wait for ever
# outcome: F
# reason: is stuck
import signal
import threading


def double(number, work):
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    threading.Event().wait()
