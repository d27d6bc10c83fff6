"""py_closure_counter with a lock in the closure."""

import threading


def make_counter():
    lock = threading.Lock()
    count = 0

    def increment():
        nonlocal count
        with lock:
            count += 1

    def value():
        with lock:
            return count

    return increment, value


def scenario():
    """Two calls make two."""
    increment, value = make_counter()
    threads = [threading.Thread(target=increment) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value() == 2
