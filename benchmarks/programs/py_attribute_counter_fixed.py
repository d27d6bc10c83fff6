"""py_attribute_counter with a lock in the object."""

import threading


class Counter:
    def __init__(self):
        self.lock = threading.Lock()
        self.value = 0

    def increment(self):
        with self.lock:
            self.value += 1


def scenario():
    """Three calls make three."""
    counter = Counter()
    threads = [threading.Thread(target=counter.increment) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter.value == 3
