# wrong: keeps one pool in the module, whose threads serve all calls and outlive them
# fails: test_dear_chunk_takes_no_longer_than_alone,
#   test_each_thread_is_joined_before_the_call_raises,
#   test_each_thread_is_joined_before_the_call_returns, test_each_value_has_a_core,
#   test_earliest_chunk_wins_when_exceptions_race, test_eight_times_as_fast_on_8_cores,
#   test_exception_is_passed_on_when_a_sum_races_with_it, test_four_times_as_fast_on_4_cores,
#   test_left_over_values_are_shared_out, test_more_threads_than_cores_keep_all_cores_busy,
#   test_no_sum_is_lost_when_three_threads_race, test_no_sum_is_lost_when_two_threads_race,
#   test_no_thread_is_left_over, test_no_thread_sums_two_chunks, test_second_call_has_new_threads,
#   test_threads_are_over_when_the_call_returns,
#   test_two_calls_that_race_keep_their_exceptions_apart,
#   test_two_calls_that_race_keep_their_sums_apart
# may fail: test_chunk_of_a_minute_is_waited_for

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
