# tries: a right solution with sixty children that have ended and that nobody waits for
# outcome: N
import os
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]

for _ in range(60):
    if os.fork() == 0:
        os._exit(0)
