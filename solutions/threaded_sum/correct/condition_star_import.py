"""`from threading import *`, and a condition that tells when the last chunk is summed."""

from threading import *


def threaded_sum(values, n_threads, sum_chunk=sum):
    if type(n_threads) is not int:
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    length = len(values)
    n = min(n_threads, length)
    sums = {}
    errors = {}
    changed = Condition()

    def work(i, start, stop):
        try:
            part = sum_chunk(values[start:stop])
        except BaseException as error:
            with changed:
                errors[i] = error
                changed.notify_all()
        else:
            with changed:
                sums[i] = part
                changed.notify_all()

    threads = []
    start = 0
    for i in range(n):
        stop = start + length // n + (i >= n - length % n)
        threads.append(Thread(target=work, args=(i, start, stop)))
        start = stop
    for thread in threads:
        thread.start()
    with changed:
        changed.wait_for(lambda: len(sums) + len(errors) == n)
    for thread in threads:
        thread.join()
    if errors:
        raise errors[min(errors)]
    return sum(sums.values())
