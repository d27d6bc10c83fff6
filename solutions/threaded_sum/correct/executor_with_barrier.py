"""One executor, whose workers meet at a barrier first: so none can take a second chunk."""

from concurrent.futures import ThreadPoolExecutor, wait
from threading import Barrier


def threaded_sum(values, n_threads, sum_chunk=sum):
    if isinstance(n_threads, bool) or not isinstance(n_threads, int):
        raise TypeError(n_threads)
    if n_threads < 1:
        raise ValueError(n_threads)
    if not callable(sum_chunk):
        raise TypeError(sum_chunk)
    length = len(values)
    if not length:
        return 0
    n = min(n_threads, length)
    everybody = Barrier(n)

    def work(i):
        everybody.wait()
        return sum_chunk(values[length * i // n : length * (i + 1) // n])

    with ThreadPoolExecutor(n) as executor:
        futures = [executor.submit(work, i) for i in range(n)]
        wait(futures)
    return sum([future.result() for future in futures])
