"""Threadlab's threaded_sum, small: the threads add the sums of their chunks to one attribute, and one sum is lost."""
# bug: assertion
import threading


class Adder:
    def __init__(self, values, n_threads):
        self.values = values
        self.n_threads = n_threads
        self.total = 0

    def work(self, i):
        part = sum(self.values[i :: self.n_threads])
        self.total += part

    def run(self):
        threads = [threading.Thread(target=self.work, args=(i,)) for i in range(self.n_threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.total


def scenario():
    """The sum is right."""
    assert Adder(list(range(6)), 3).run() == 15
