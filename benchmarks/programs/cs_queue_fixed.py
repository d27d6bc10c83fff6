"""cs_queue with the consumer counting what it has taken."""

import threading

SIZE = 8
lock = threading.Lock()
stored = [None] * SIZE
may_put = True
may_take = False


class Ring:
    def __init__(self):
        self.elements = [None] * SIZE
        self.head = self.tail = 0

    def put(self, value):
        self.elements[self.tail] = value
        self.tail = (self.tail + 1) % SIZE

    def take(self):
        value = self.elements[self.head]
        self.head = (self.head + 1) % SIZE
        return value


ring = Ring()


def producer():
    global may_put, may_take
    with lock:
        ring.put(0)
        stored[0] = 0
    value = 0
    for _ in range(SIZE - 1):
        with lock:
            if may_put:
                value += 1
                ring.put(value)
                stored[value] = value
                may_put, may_take = False, True


def consumer():
    global may_put, may_take
    taken = 0
    for _ in range(SIZE):
        with lock:
            if may_take:
                assert ring.take() == stored[taken]
                taken += 1
                may_put, may_take = True, False


def scenario():
    """Elements come out in the order in which they went in."""
    threads = [threading.Thread(target=target) for target in (producer, consumer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
