"""cs_sync02 with a condition for each side."""

import threading

num = 0
lock = threading.Lock()
empty = threading.Condition(lock)
full = threading.Condition(lock)


def produce():
    global num
    with lock:
        while num > 0:
            empty.wait()
        num += 1
        full.notify()


def consume():
    global num
    with lock:
        while num == 0:
            full.wait()
        num -= 1
        empty.notify()


def scenario():
    """What two threads produce, two others consume."""
    threads = [threading.Thread(target=target) for target in (produce, produce, consume, consume)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert num == 0
