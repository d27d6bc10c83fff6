# wrong: gives each thread a lock of its own, which keeps nobody out
# fails: test_no_sum_is_lost_when_three_threads_race, test_no_sum_is_lost_when_two_threads_race
# may fail: test_two_calls_that_race_keep_their_sums_apart

"""Sum a large sequence by giving each thread a chunk of it."""

import threading


class Summer(threading.Thread):
    """Sums one chunk."""

    def __init__(self, chunk, sum_chunk, box):
        super().__init__()
        self.lock = threading.Lock()
        self.chunk = chunk
        self.sum_chunk = sum_chunk
        self.box = box
        self.error = None

    def run(self):
        """Add the sum of the chunk to the box."""
        try:
            part = self.sum_chunk(self.chunk)
        except BaseException as error:
            self.error = error
            return
        with self.lock:
            self.box["total"] += part


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
    box = {"total": 0}
    threads = []
    for i in range(count):
        chunk = values[i * length // count : (i + 1) * length // count]
        threads.append(Summer(chunk, sum_chunk, box))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for thread in threads:
        if thread.error is not None:
            raise thread.error
    return box["total"]
