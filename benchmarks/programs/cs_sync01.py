"""SCTBench CS.sync01 (there it always fails): the producer looks before it takes the lock and misses the one notify."""
# bug: deadlock
import threading

num = 1
lock = threading.Lock()
empty = threading.Condition(lock)


def produce():
    global num
    while num > 0:
        with lock:
            empty.wait()
    with lock:
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
