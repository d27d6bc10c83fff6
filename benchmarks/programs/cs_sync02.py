"""SCTBench CS.sync02 (there it always fails), 2 on each side: one condition for all, notify wakes the wrong one."""
# bug: deadlock
import threading

num = 0
lock = threading.Lock()
empty = threading.Condition(lock)
full = empty


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
