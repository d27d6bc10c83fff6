"""A priority queue: exceptions come out before sums, those of early chunks before those of late ones."""

import threading
from queue import PriorityQueue


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    count = min(n_threads, len(values))
    outcomes = PriorityQueue()

    def work(number):
        start = number * len(values) // count
        stop = (number + 1) * len(values) // count
        try:
            part = sum_chunk(values[start:stop])
        except BaseException as error:
            outcomes.put((0, number, error))  # the numbers differ, so nothing behind them is compared
        else:
            outcomes.put((1, number, part))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = 0
    for _ in range(count):
        good, _, outcome = outcomes.get()
        if not good:
            raise outcome
        total += outcome
    return total
