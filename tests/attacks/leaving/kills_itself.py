# tries: SIGKILL on itself
# outcome: F
# reason: was ended by SIGKILL during `double`
import os
import signal


def double(number, work):
    os.kill(os.getpid(), signal.SIGKILL)
