# tries: to leave with exit status 0 while a child keeps the pipes open, so that no end of file is seen
# outcome: F
# reason: ended itself during `double` with exit status 0
import os
import time


def double(number, work):
    if os.fork() == 0:
        time.sleep(1_000_000)
    os._exit(0)
