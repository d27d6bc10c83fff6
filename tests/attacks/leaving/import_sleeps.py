# tries: an import that sleeps for ever
# outcome: E
# reason: only sleeps and polls
import time

while True:
    time.sleep(0.01)
