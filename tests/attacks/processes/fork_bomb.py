# tries: processes that start processes, more than anybody could count
# outcome: F
# reason: Your program 
import os
import time


def double(number, work):
    for _ in range(400):  # no more, for the sake of a machine on which nothing holds it
        try:
            if os.fork() == 0:
                time.sleep(1_000)
        except OSError:
            time.sleep(0.01)
    time.sleep(1_000)
