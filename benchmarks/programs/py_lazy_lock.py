"""Python classic: the lock is made when it is first needed, by two threads at once: each has a lock of its own."""
# bug: assertion
import threading


class Counter:
    def __init__(self):
        self.lock = None
        self.value = 0

    def increment(self):
        if self.lock is None:
            self.lock = threading.Lock()
        with self.lock:
            self.value += 1


def scenario():
    """Two calls make two."""
    counter = Counter()
    threads = [threading.Thread(target=counter.increment) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter.value == 2
