# wrong: leaves the number of threads to ThreadPoolExecutor, which has 32 at most and uses them
#   again
# fails: test_forty_threads_start_before_any_is_waited_for
# may fail: test_eight_times_as_fast_on_8_cores, test_left_over_values_are_shared_out

"""Sum a large sequence by giving each thread a chunk of it."""

from concurrent.futures import ThreadPoolExecutor


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    length = len(values)
    count = min(n_threads, length)
    with ThreadPoolExecutor() as pool:
        futures = [
            pool.submit(sum_chunk, values[i * length // count : (i + 1) * length // count])
            for i in range(count)
        ]
    total = 0
    for future in futures:
        total += future.result()
    return total
