# wrong: looks whether its exception is the earliest, and then stores it, without a lock
# fails: test_earliest_chunk_wins_when_exceptions_race

"""Sum a large sequence by giving each thread a chunk of it."""

import threading


def threaded_sum(values, n_threads, sum_chunk=sum):
    """Sum `values`, each chunk in a thread of its own."""
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    length = len(values)
    count = min(n_threads, length)
    sums = [0] * count
    first = None

    def work(i, chunk):
        nonlocal first
        try:
            sums[i] = sum_chunk(chunk)
        except BaseException as error:
            if first is None or i < first[0]:
                first = (i, error)

    threads = []
    for i in range(count):
        chunk = values[i * length // count : (i + 1) * length // count]
        threads.append(threading.Thread(target=work, args=(i, chunk)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if first is not None:
        raise first[1]
    return sum(sums)
