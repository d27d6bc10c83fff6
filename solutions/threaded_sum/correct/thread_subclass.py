"""A Thread subclass that keeps its sum or its exception."""

import threading


class ChunkThread(threading.Thread):
    def __init__(self, chunk, sum_chunk):
        super().__init__()
        self.chunk = chunk
        self.sum_chunk = sum_chunk
        self.total = None
        self.error = None

    def run(self):
        try:
            self.total = self.sum_chunk(self.chunk)
        except BaseException as error:
            self.error = error


def threaded_sum(values, n_threads, sum_chunk=sum):
    if type(n_threads) is not int:
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    count = min(n_threads, len(values))
    if count == 0:
        return 0
    size, extra = divmod(len(values), count)
    threads = []
    start = 0
    for i in range(count):
        stop = start + size + (1 if i < extra else 0)
        threads.append(ChunkThread(values[start:stop], sum_chunk))
        start = stop
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for thread in threads:
        if thread.error is not None:
            raise thread.error
    return sum(thread.total for thread in threads)
