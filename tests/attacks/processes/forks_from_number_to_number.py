# tries: to be gone wherever one looks: each child starts the next one, and ends
# outcome: F
import os
import time


def double(number, work):
    for _ in range(20_000):
        if os.fork():
            os._exit(0)
        os.setsid()
    time.sleep(1_000)
