"""Closures made by a function; a semaphore counts the chunks that are done, join() comes after."""

import threading
from threading import Semaphore


def threaded_sum(values, n_threads, sum_chunk=sum):
    _check(n_threads, sum_chunk)
    done = Semaphore(0)
    sums, errors = {}, {}

    def job(index, lo, hi):
        def run():
            try:
                sums[index] = sum_chunk(values[lo:hi])
            except BaseException as error:
                errors[index] = error
            finally:
                done.release()

        return run

    length = len(values)
    k = min(n_threads, length)
    size = length // k if k else 0
    big = length - size * k
    jobs, lo = [], 0
    for index in range(k):
        hi = lo + size + 1 if index < big else lo + size
        jobs.append(job(index, lo, hi))
        lo = hi
    threads = [threading.Thread(target=run) for run in jobs]
    for thread in threads:
        thread.start()
    for _ in threads:
        done.acquire()
    for thread in threads:
        thread.join()
    for index in sorted(errors):
        raise errors[index]
    total = 0
    for index in sums:
        total = total + sums[index]
    return total


def _check(n_threads, sum_chunk):
    if isinstance(n_threads, bool):
        raise TypeError("a bool is no number of threads")
    if not isinstance(n_threads, int):
        raise TypeError("n_threads has to be an int")
    if not n_threads >= 1:
        raise ValueError("n_threads has to be at least 1")
    if not callable(sum_chunk):
        raise ValueError("sum_chunk has to be a function")
