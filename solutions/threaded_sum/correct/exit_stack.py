"""An exit stack joins the threads, in the opposite order; closures and partials instead of classes."""

import threading
from contextlib import ExitStack
from functools import partial


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    length = len(values)
    count = min(n_threads, length)
    outcomes = {}

    def work(number, chunk):
        try:
            outcomes[number] = partial(_give, sum_chunk(chunk))
        except BaseException as error:
            outcomes[number] = partial(_throw, error)

    with ExitStack() as stack:
        threads = []
        for number in range(count):
            chunk = values[number * length // count : (number + 1) * length // count]
            threads.append(threading.Thread(target=partial(work, number, chunk)))
        for thread in threads:
            thread.start()
            stack.callback(thread.join)
    return sum([outcomes[number]() for number in range(count)])


def _give(value):
    return value


def _throw(error):
    raise error
