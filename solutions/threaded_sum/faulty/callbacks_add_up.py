# wrong: adds up in the callbacks of the futures, which run in several threads at a time
# fails: test_no_sum_is_lost_when_three_threads_race, test_no_sum_is_lost_when_two_threads_race
# may fail: test_two_calls_that_race_keep_their_sums_apart

"""Sum a large sequence by giving each thread a chunk of it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack


class Adder:
    """The sum so far."""

    def __init__(self):
        self.total = 0

    def take(self, future):
        """Add the result of a future that is done."""
        if future.exception() is None:
            self.total += future.result()


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
    adder = Adder()
    futures = []
    with ExitStack() as stack:
        for i in range(count):
            chunk = values[i * length // count : (i + 1) * length // count]
            executor = stack.enter_context(ThreadPoolExecutor(max_workers=1))
            futures.append(executor.submit(sum_chunk, chunk))
            futures[i].add_done_callback(adder.take)
    for future in futures:
        if future.exception() is not None:
            raise future.exception()
    return adder.total
