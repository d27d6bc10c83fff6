# wrong: cuts the chunks out of the caller's own list
# fails: test_values_are_left_as_they_were

"""Sum a large sequence by giving each thread a chunk of it."""

import threading


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    length = len(values)
    count = min(n_threads, length)
    sums = [0] * count
    errors = [None] * count

    def work(i, chunk):
        try:
            sums[i] = sum_chunk(chunk)
        except BaseException as error:
            errors[i] = error

    threads = []
    if isinstance(values, list):
        rest = values
        for i in range(count):
            size = len(rest) // (count - i)
            chunk = rest[:size]
            del rest[:size]
            threads.append(threading.Thread(target=work, args=(i, chunk)))
    else:
        for i in range(count):
            chunk = values[i * length // count : (i + 1) * length // count]
            threads.append(threading.Thread(target=work, args=(i, chunk)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in errors:
        if error is not None:
            raise error
    return sum(sums)
