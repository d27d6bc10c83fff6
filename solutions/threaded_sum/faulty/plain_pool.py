# wrong: takes a pool with a worker for each chunk, which gives a worker that is free a second chunk
# fails: test_earliest_chunk_wins_when_exceptions_race,
#   test_exception_is_passed_on_when_a_sum_races_with_it,
#   test_no_sum_is_lost_when_three_threads_race, test_no_sum_is_lost_when_two_threads_race,
#   test_no_thread_sums_two_chunks, test_two_calls_that_race_keep_their_sums_apart

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
    if count == 0:
        return 0
    with ThreadPoolExecutor(max_workers=count) as pool:
        futures = [
            pool.submit(sum_chunk, values[i * length // count : (i + 1) * length // count])
            for i in range(count)
        ]
    total = 0
    for future in futures:
        total += future.result()
    return total
