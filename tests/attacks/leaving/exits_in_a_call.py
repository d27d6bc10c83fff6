# tries: os._exit(0) in the call itself: no exception, no traceback, exit status 0
# outcome: F
# reason: ended itself during `double` with exit status 0
import os


def double(number, work):
    os._exit(0)
