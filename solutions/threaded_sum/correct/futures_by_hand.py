"""A Future for each chunk, set by a thread of its own."""

import functools
import operator
from concurrent.futures import Future
from threading import Thread


def _settle(future: Future, sum_chunk, chunk) -> None:
    try:
        future.set_result(sum_chunk(chunk))
    except BaseException as error:
        future.set_exception(error)


def _split(values, parts):
    if parts <= 1:
        return [values] if len(values) else []
    left = parts // 2
    middle = len(values) * left // parts
    return _split(values[:middle], left) + _split(values[middle:], parts - left)


def threaded_sum(values, n_threads, sum_chunk=sum):
    if type(n_threads) is not int:
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    chunks = _split(values, min(n_threads, len(values)))
    futures = [Future() for _ in chunks]
    threads = [
        Thread(target=functools.partial(_settle, future, sum_chunk, chunk)) for future, chunk in zip(futures, chunks)
    ]
    try:
        for thread in threads:
            thread.start()
        return functools.reduce(operator.add, (f.result() for f in futures), 0)
    finally:
        for thread in threads:
            thread.join()
