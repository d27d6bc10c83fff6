"""The chunks lie on a queue; each thread takes exactly one of them."""

from queue import Queue
from threading import Event, Thread


class Summer:
    def __init__(self, values, n_threads, sum_chunk):
        self.sum_chunk = sum_chunk
        self.chunks = Queue()
        self.go = Event()
        self.count = min(n_threads, len(values))
        self.sums = [0] * self.count
        self.errors = {}
        quotient, remainder = divmod(len(values), self.count or 1)
        for i in range(self.count):
            start = i * quotient + min(i, remainder)
            stop = (i + 1) * quotient + min(i + 1, remainder)
            self.chunks.put((i, values[start:stop]))

    def take_one(self):
        self.go.wait()
        i, chunk = self.chunks.get_nowait()
        try:
            self.sums[i] = self.sum_chunk(chunk)
        except BaseException as error:
            self.errors[i] = error
        self.chunks.task_done()

    def run(self):
        threads = [Thread(target=self.take_one, name=f"summer {i}") for i in range(self.count)]
        for thread in threads:
            thread.start()
        self.go.set()
        self.chunks.join()
        for thread in reversed(threads):
            thread.join()
        if self.errors:
            raise self.errors[min(self.errors)]
        return sum(self.sums)


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    return Summer(values, n_threads, sum_chunk).run()
