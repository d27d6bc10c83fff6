"""cs_sync01 with the producer looking under the lock."""

import threading

num = 1
lock = threading.Lock()
empty = threading.Condition(lock)


def produce():
    global num
    with lock:
        while num > 0:
            empty.wait()
        num += 1


def consume():
    global num
    with lock:
        num -= 1
        empty.notify()


def scenario():
    """One is taken, and one put in its place."""
    threads = [threading.Thread(target=target) for target in (produce, consume)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert num == 1
