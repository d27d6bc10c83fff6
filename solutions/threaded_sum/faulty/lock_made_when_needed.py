# wrong: makes the lock when it is first needed, so that two threads may have a lock each
# fails: test_no_sum_is_lost_when_three_threads_race
# may fail: test_no_sum_is_lost_when_two_threads_race,
#   test_two_calls_that_race_keep_their_sums_apart

"""Sum a large sequence by giving each thread a chunk of it."""

import threading


class Total:
    """The sum so far, behind a lock that most programs will never need."""

    def __init__(self):
        self.lock = None
        self.total = 0

    def add(self, part):
        """Add the sum of one chunk."""
        if self.lock is None:
            self.lock = threading.Lock()
        with self.lock:
            self.total += part


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
    total = Total()
    errors = [None] * count

    def work(i, chunk):
        try:
            part = sum_chunk(chunk)
        except BaseException as error:
            errors[i] = error
        else:
            total.add(part)

    threads = []
    for i in range(count):
        chunk = values[i * length // count : (i + 1) * length // count]
        threads.append(threading.Thread(target=work, args=(i, chunk)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in errors:
        if error is not None:
            raise error
    return total.total
