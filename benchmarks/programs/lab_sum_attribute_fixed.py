"""lab_sum_attribute with a slot for each thread, added up after the joins."""

import threading


class Adder:
    def __init__(self, values, n_threads):
        self.values = values
        self.n_threads = n_threads
        self.sums = [0] * n_threads

    def work(self, i):
        part = sum(self.values[i :: self.n_threads])
        self.sums[i] = part

    def run(self):
        threads = [threading.Thread(target=self.work, args=(i,)) for i in range(self.n_threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(self.sums)


def scenario():
    """The sum is right."""
    assert Adder(list(range(6)), 3).run() == 15
