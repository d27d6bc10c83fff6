# tries: more memory than there may be, all at once
# outcome: F
# reason: more than 200 MiB of memory
import time


def double(number, work):
    taken = bytearray(600 << 20)
    for place in range(0, len(taken), 4096):
        taken[place] = 1
    time.sleep(1_000)
