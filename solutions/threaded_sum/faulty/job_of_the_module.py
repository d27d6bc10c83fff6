# wrong: hands the arguments to its threads in an object of the module, which two callers share
# fails: test_two_calls_that_race_keep_their_exceptions_apart,
#   test_two_calls_that_race_keep_their_sums_apart

"""Sum a large sequence by giving each thread a chunk of it."""

import threading
from types import SimpleNamespace

job = SimpleNamespace(values=None, sum_chunk=None)


class Summer(threading.Thread):
    """Sums one chunk of the job."""

    def __init__(self, start, stop):
        super().__init__()
        self.chunk = job.values[start:stop]
        self.sum_chunk = job.sum_chunk
        self.total = 0
        self.error = None

    def run(self):
        """Sum the chunk."""
        try:
            self.total = self.sum_chunk(self.chunk)
        except BaseException as error:
            self.error = error


def threaded_sum(values, n_threads, sum_chunk=sum):
    """Sum `values`, each chunk in a thread of its own."""
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    length = len(values)
    count = min(n_threads, length)
    job.values = values
    job.sum_chunk = sum_chunk
    threads = [Summer(i * length // count, (i + 1) * length // count) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for thread in threads:
        if thread.error is not None:
            raise thread.error
    return sum(thread.total for thread in threads)
