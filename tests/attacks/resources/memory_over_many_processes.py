# tries: more memory than there may be, shared out over processes that each take little
# outcome: F
# reason: more than 200 MiB of memory
import os
import time


def double(number, work):
    for _ in range(12):
        if os.fork() == 0:
            taken = bytearray(b"x" * (48 << 20))
            time.sleep(1_000)
            return taken
    time.sleep(1_000)
