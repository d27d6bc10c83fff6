"""`import _thread`: its plain locks, one to guard what is shared and one to tell that all is done."""

import _thread
import threading


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    count = min(n_threads, len(values))
    if count == 0:
        return 0
    guard = _thread.allocate_lock()
    finished = _thread.allocate_lock()
    finished.acquire()  # released by the last thread
    left = count
    sums = {}
    errors = {}

    def work(i, lo, hi):
        nonlocal left
        part = error = None
        try:
            part = sum_chunk(values[lo:hi])
        except BaseException as caught:
            error = caught
        guard.acquire()
        if error is None:
            sums[i] = part
        else:
            errors[i] = error
        left -= 1
        last = left == 0
        guard.release()
        if last:
            finished.release()

    threads = []
    for i in range(count):
        bounds = i * len(values) // count, (i + 1) * len(values) // count
        threads.append(threading.Thread(target=work, args=(i, *bounds)))
    for thread in threads:
        thread.start()
    with finished:
        pass
    for thread in threads:
        thread.join()
    if errors:
        raise errors[min(errors)]
    return sum(sums.values())
