# tries: to use up all file descriptors and then to answer, hoping that who reads the answer needs one
# outcome: N
import os
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
_taken = []
try:
    while True:
        _taken.append(os.dup(1))
except OSError:
    pass
