"""cs_wsq with the tail moved first and the last element taken under the lock (as in Cilk)."""

import threading


class WorkStealingQueue:
    def __init__(self):
        self.lock = threading.Lock()
        self.items = [None] * 8
        self.head = 0
        self.tail = 0

    def push(self, item):
        self.items[self.tail] = item
        self.tail += 1

    def pop(self):
        self.tail -= 1
        if self.head > self.tail:
            self.tail += 1
            with self.lock:
                if self.head >= self.tail:
                    return None
                self.tail -= 1
                return self.items[self.tail]
        return self.items[self.tail]

    def steal(self):
        with self.lock:
            self.head += 1
            if self.head > self.tail:
                self.head -= 1
                return None
            return self.items[self.head - 1]


jobs = WorkStealingQueue()
done = []


def owner():
    for job in (1, 2, 3):
        jobs.push(job)
    for _ in range(3):
        done.append(jobs.pop())


def thief():
    for _ in range(2):
        done.append(jobs.steal())


def scenario():
    """Every job is done once."""
    threads = [threading.Thread(target=target) for target in (owner, thief)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(job for job in done if job is not None) == [1, 2, 3]
