"""Each thread joins the one before it and adds its own sum; the caller joins the last, which has the total."""

import threading


class Link(threading.Thread):
    def __init__(self, before, all_started, chunk, sum_chunk):
        super().__init__()
        self.before = before
        self.all_started = all_started
        self.chunk = chunk
        self.sum_chunk = sum_chunk
        self.total = 0
        self.error = None

    def run(self):
        part = error = None
        try:
            part = self.sum_chunk(self.chunk)
        except BaseException as caught:
            error = caught
        self.all_started.wait()  # nobody is waited for before
        if self.before is not None:
            self.before.join()
            self.total, self.error = self.before.total, self.before.error
        if self.error is None:
            self.error = error
            if error is None:
                self.total = self.total + part


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    length = len(values)
    count = min(n_threads, length)
    all_started = threading.Event()
    threads = []
    last = None
    for i in range(count):
        chunk = values[i * length // count : (i + 1) * length // count]
        last = Link(last, all_started, chunk, sum_chunk)
        threads.append(last)
    for thread in threads:
        thread.start()
    all_started.set()
    if last is None:
        return 0
    last.join()  # which has joined the one before it, and so on: each is joined once
    if last.error is not None:
        raise last.error
    return last.total
