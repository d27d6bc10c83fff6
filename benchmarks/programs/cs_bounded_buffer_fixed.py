"""cs_bounded_buffer with `while` around wait()."""

import threading

CAPACITY = 1
changed = threading.Condition()
buffer = []
taken = []


def produce():
    for item in range(2):
        with changed:
            while len(buffer) >= CAPACITY:
                changed.wait()
            buffer.append(item)
            changed.notify_all()


def consume():
    with changed:
        while not buffer:
            changed.wait()
        taken.append(buffer.pop(0))
        changed.notify_all()


def scenario():
    """Each of two consumers takes one of two items."""
    threads = [threading.Thread(target=target) for target in (produce, consume, consume)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [0, 1]
