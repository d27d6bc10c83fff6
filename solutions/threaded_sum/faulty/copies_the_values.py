# wrong: copies the values into a list, which a sequence with only len() and slicing cannot give
# fails: test_chunks_of_an_array_are_arrays, test_huge_range_is_never_copied,
#   test_only_len_and_slicing_are_asked_of_the_values

"""Sum a large sequence by giving each thread a chunk of it."""

import threading


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    values = list(values)
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
