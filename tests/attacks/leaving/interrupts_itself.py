# tries: SIGINT on itself, as if somebody had pressed Ctrl-C to end the grading
# outcome: F
# reason: KeyboardInterrupt
import os
import signal
import time


def double(number, work):
    os.kill(os.getpid(), signal.SIGINT)
    while True:
        time.sleep(0.01)
