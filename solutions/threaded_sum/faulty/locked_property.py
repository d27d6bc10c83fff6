# wrong: takes the lock once to read the total and once more to write it
# fails: test_no_sum_is_lost_when_three_threads_race, test_no_sum_is_lost_when_two_threads_race
# may fail: test_two_calls_that_race_keep_their_sums_apart

"""Sum a large sequence by giving each thread a chunk of it."""

import threading


class Account:
    """A total behind a lock."""

    def __init__(self):
        self._lock = threading.Lock()
        self._total = 0

    @property
    def total(self):
        """The sum so far."""
        with self._lock:
            return self._total

    @total.setter
    def total(self, value):
        with self._lock:
            self._total = value


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
    account = Account()
    errors = [None] * count

    def work(i, chunk):
        try:
            part = sum_chunk(chunk)
        except BaseException as error:
            errors[i] = error
        else:
            account.total += part

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
    return account.total
