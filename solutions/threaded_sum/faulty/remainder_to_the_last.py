# wrong: gives all values that are left over to the last chunk
# fails: test_chunk_lengths_differ_by_at_most_one,
#   test_chunks_are_contiguous_and_of_nearly_equal_length, test_left_over_values_are_shared_out

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
    for i in range(count):
        size = length // count
        stop = (i + 1) * size if i < count - 1 else length
        threads.append(threading.Thread(target=work, args=(i, values[i * size : stop])))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in errors:
        if error is not None:
            raise error
    return sum(sums)
