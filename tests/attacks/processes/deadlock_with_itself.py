# tries: to wait for itself: a lock twice, its own thread, a pipe that only it could write to
# outcome: F
# reason: is stuck
import os
import threading


def double(number, work):
    if number == 4:
        lock = threading.Lock()
        lock.acquire()
        lock.acquire()
    if number == 1:
        done = threading.Event()
        thread = threading.Thread(target=lambda: (done.wait(), thread))
        thread.start()
        thread.join()
    os.read(os.pipe()[0], 1)
