# tries: a fork bomb while it is imported
# outcome: E
# reason: Your program 
import os
import time

for _ in range(400):
    try:
        if os.fork() == 0:
            time.sleep(1_000)
    except OSError:
        time.sleep(0.01)
time.sleep(1_000)
