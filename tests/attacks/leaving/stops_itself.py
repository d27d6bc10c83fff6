# tries: SIGSTOP on itself: neither runs nor ends, and nobody here sends SIGCONT
# outcome: F
# reason: is stuck
import os
import signal


def double(number, work):
    os.kill(os.getpid(), signal.SIGSTOP)
    return 2 * work(number)
