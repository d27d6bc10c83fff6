"""Daemon threads, joined in turns with a time-out until each one is over; a lock around the total."""

from threading import Lock, Thread


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or n_threads is True or n_threads is False:
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    if len(values) == 0:
        return 0
    n = min(n_threads, len(values))
    lock = Lock()
    total = 0
    first = None  # (number of the chunk, exception) of the earliest chunk that failed

    def add(number, chunk):
        nonlocal total, first
        try:
            part = sum_chunk(chunk)
        except BaseException as error:
            with lock:
                if first is None or number < first[0]:
                    first = (number, error)
            return
        with lock:
            total += part

    threads = []
    end = len(values)
    for number in reversed(range(n)):  # the last chunk is cut off first
        begin = number * len(values) // n
        threads.append(Thread(target=add, args=(number, values[begin:end]), daemon=True))
        end = begin
    for thread in threads:
        thread.start()
    while threads:
        threads[0].join(0.02)
        if not threads[0].is_alive():
            del threads[0]
    if first:
        raise first[1]
    return total
