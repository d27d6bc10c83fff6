# wrong: returns with the lock held if an earlier chunk has failed in between
# fails: test_earliest_chunk_wins_when_exceptions_race

"""Sum a large sequence by giving each thread a chunk of it."""

import threading


class Outcome:
    """The sum so far, and the exception of the earliest chunk that failed."""

    def __init__(self):
        self.lock = threading.Lock()
        self.total = 0
        self.first = None

    def add(self, part):
        """Add the sum of one chunk."""
        with self.lock:
            self.total += part

    def fail(self, i, error):
        """Keep the exception of one chunk if no earlier chunk has failed."""
        if self.first is not None and self.first[0] < i:
            return
        self.lock.acquire()
        if self.first is not None and self.first[0] < i:
            return
        self.first = (i, error)
        self.lock.release()


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
    outcome = Outcome()

    def work(i, chunk):
        try:
            part = sum_chunk(chunk)
        except BaseException as error:
            outcome.fail(i, error)
        else:
            outcome.add(part)

    threads = []
    for i in range(count):
        chunk = values[i * length // count : (i + 1) * length // count]
        threads.append(threading.Thread(target=work, args=(i, chunk)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if outcome.first is not None:
        raise outcome.first[1]
    return outcome.total
