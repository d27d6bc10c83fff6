"""py_condition_if with `while` around wait()."""

import threading

available = threading.Condition()
items = []
taken = []


def consume():
    with available:
        while not items:
            available.wait()
        taken.append(items.pop())


def produce():
    for item in range(2):
        with available:
            items.append(item)
            available.notify()


def scenario():
    """Each consumer gets one of the items."""
    threads = [threading.Thread(target=target) for target in (consume, consume, produce)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [0, 1]
