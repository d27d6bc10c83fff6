"""A class with `__slots__`, whose lock is held for the whole of each step; its total is a property."""

from threading import RLock, Thread


class Account:
    __slots__ = ("_errors", "_lock", "_total")

    def __init__(self):
        self._lock = RLock()
        self._total = 0
        self._errors = {}

    @property
    def total(self):
        with self._lock:
            for number in sorted(self._errors):
                raise self._errors[number]
            return self._total

    def pay_in(self, amount):
        with self._lock:
            self._total += amount

    def fail(self, number, error):
        with self._lock:
            self._errors[number] = error


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    account = Account()

    def work(number, chunk):
        try:
            amount = sum_chunk(chunk)
        except BaseException as error:
            account.fail(number, error)
        else:
            account.pay_in(amount)

    threads = []
    size, big = divmod(len(values), min(n_threads, len(values)) or 1)
    for number in range(min(n_threads, len(values))):
        start = number * size + min(number, big)
        chunk = values[start : start + size + (number < big)]
        threads.append(Thread(target=work, args=(number, chunk)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return account.total
