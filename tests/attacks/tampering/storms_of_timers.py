# tries: an alarm every ten microseconds, whose handler keeps the wait from ever being seen as one
# outcome: F
# reason: double
import signal
import threading


def double(number, work):
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 1e-5, 1e-5)
    while True:
        threading.Event().wait()
