"""A stack of chunks, from which each thread takes one, and a stack of answers."""

import threading
from queue import LifoQueue


class Stacks:
    def __init__(self, sum_chunk):
        self.sum_chunk = sum_chunk
        self.chunks = LifoQueue()
        self.answers = LifoQueue()

    def take_one(self):
        number, chunk = self.chunks.get()
        part = error = None
        try:
            part = self.sum_chunk(chunk)
        except BaseException as caught:
            error = caught
        self.answers.put((number, part, error))


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    stacks = Stacks(sum_chunk)
    length = len(values)
    count = min(n_threads, length)
    for number in range(count):
        stacks.chunks.put((number, values[number * length // count : (number + 1) * length // count]))
    threads = [threading.Thread(target=stacks.take_one) for _ in range(count)]
    for thread in threads:
        thread.start()
    total = 0
    first = None
    for _ in threads:
        number, part, error = stacks.answers.get()
        if error is None:
            total += part
        elif first is None or number < first[0]:
            first = (number, error)
    for thread in threads:
        thread.join()
    if first is not None:
        raise first[1]
    return total
