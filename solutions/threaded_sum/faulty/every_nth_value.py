# wrong: deals the values out like cards instead of cutting contiguous chunks
# fails: test_chunks_are_contiguous_and_of_nearly_equal_length,
#   test_chunks_joined_together_are_the_values, test_chunks_of_an_array_are_arrays,
#   test_failing_chunk_is_not_tried_again, test_huge_range_is_never_copied,
#   test_no_sum_is_lost_when_two_threads_race, test_only_len_and_slicing_are_asked_of_the_values,
#   test_values_may_be_like_a_numpy_array

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
        threads.append(threading.Thread(target=work, args=(i, values[i::count])))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in errors:
        if error is not None:
            raise error
    return sum(sums)
