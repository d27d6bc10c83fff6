"""Lets exceptions end their threads; a hook of the module, set once, leaves each one with its thread."""

import threading

_usual = threading.excepthook


class Summer(threading.Thread):
    def __init__(self, chunk, sum_chunk):
        super().__init__()
        self.chunk = chunk
        self.sum_chunk = sum_chunk
        self.total = 0
        self.error = None

    def run(self):
        self.total = self.sum_chunk(self.chunk)


def _hook(args):
    if isinstance(args.thread, Summer):
        args.thread.error = args.exc_value
    else:
        _usual(args)


threading.excepthook = _hook


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    length = len(values)
    count = min(n_threads, length)
    threads = [Summer(values[i * length // count : (i + 1) * length // count], sum_chunk) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for thread in threads:
        if thread.error is not None:
            raise thread.error
    return sum(thread.total for thread in threads)
