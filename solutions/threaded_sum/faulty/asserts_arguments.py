# wrong: checks its arguments with assert, which raises AssertionError
# fails: test_bad_arguments_start_no_thread, test_bad_n_threads_is_refused,
#   test_bad_n_threads_is_refused_without_values_too, test_bool_is_no_number_of_threads

"""Sum a large sequence by giving each thread a chunk of it."""

import threading


def threaded_sum(values, n_threads, sum_chunk=sum):
    assert isinstance(n_threads, int) and not isinstance(n_threads, bool)
    assert n_threads >= 1
    assert callable(sum_chunk)
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
