# tries: a right solution that leaves a process behind, in a session of its own, with no parent
# outcome: N
# flag: left processes behind
import os
import time
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 4096)
        while True:
            time.sleep(1_000)
    os._exit(0)
os.wait()
