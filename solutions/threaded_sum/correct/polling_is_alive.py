"""`import threading as t`; looks again and again whether a thread is still alive."""

import threading as t
import time


def threaded_sum(values, n_threads, sum_chunk=sum):
    if isinstance(n_threads, bool) or not isinstance(n_threads, int):
        raise TypeError("n_threads")
    if n_threads < 1:
        raise ValueError("n_threads")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk")
    count = min(n_threads, len(values))
    outcome = [None] * count

    def worker(i, lo, hi):
        try:
            outcome[i] = (True, sum_chunk(values[lo:hi]))
        except BaseException as exc:
            outcome[i] = (False, exc)

    cuts = [i * len(values) // max(count, 1) for i in range(count + 1)]
    threads = [t.Thread(target=worker, args=(i, cuts[i], cuts[i + 1])) for i in range(count)]
    [thread.start() for thread in threads]
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.005)
    for good, value in outcome:
        if not good:
            raise value
    return sum(value for _, value in outcome)
