# wrong: keeps one pool in the module, whose threads serve all calls and outlive them
# fails: test_each_thread_is_joined_before_the_call_raises,
#   test_each_thread_is_joined_before_the_call_returns, test_no_thread_is_left_over,
#   test_no_thread_sums_two_chunks, test_second_call_has_new_threads,
#   test_threads_are_over_when_the_call_returns

"""Sum a large sequence by giving each thread a chunk of it."""

from concurrent.futures import ThreadPoolExecutor, wait

pool = ThreadPoolExecutor(max_workers=64)


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    length = len(values)
    count = min(n_threads, length)
    futures = [
        pool.submit(sum_chunk, values[i * length // count : (i + 1) * length // count])
        for i in range(count)
    ]
    wait(futures)
    total = 0
    for future in futures:
        total += future.result()
    return total
