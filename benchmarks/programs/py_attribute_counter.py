"""Python classic: `self.value += 1` in a method that several threads call, and an increment is lost."""
# bug: assertion
import threading


class Counter:
    def __init__(self):
        self.lock = threading.Lock()
        self.value = 0

    def increment(self):
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
