# wrong: makes the threads with a lambda that looks at the loop's variables only when it runs
# fails: test_all_threads_start_before_any_is_waited_for, test_call_waits_for_its_slowest_chunk,
#   test_calls_keep_their_exceptions_apart, test_chunk_sums_are_added_and_not_the_values,
#   test_chunks_are_contiguous_and_of_nearly_equal_length,
#   test_chunks_joined_together_are_the_values, test_chunks_of_an_array_are_arrays,
#   test_dear_chunk_takes_no_longer_than_alone, test_each_chunk_has_a_thread_of_its_own,
#   test_each_thread_is_joined_before_the_call_raises,
#   test_each_thread_is_joined_before_the_call_returns, test_each_value_has_a_core,
#   test_earliest_chunk_wins_when_exceptions_race, test_earliest_chunks_exception_is_raised,
#   test_eight_times_as_fast_on_8_cores, test_even_an_exit_in_a_chunk_is_passed_on,
#   test_exception_is_passed_on_when_a_sum_races_with_it, test_failing_chunk_is_not_tried_again,
#   test_forty_threads_start_before_any_is_waited_for, test_four_times_as_fast_on_4_cores,
#   test_huge_range_is_never_copied, test_left_over_values_are_shared_out,
#   test_more_threads_than_cores_keep_all_cores_busy, test_no_sum_is_lost_when_three_threads_race,
#   test_no_sum_is_lost_when_two_threads_race, test_no_thread_sums_two_chunks,
#   test_only_len_and_slicing_are_asked_of_the_values, test_returns_the_sum,
#   test_threads_are_over_when_the_call_returns, test_two_calls_at_once_keep_apart,
#   test_two_calls_that_race_keep_their_sums_apart, test_values_may_be_like_a_numpy_array
# may fail: test_chunk_of_a_minute_is_waited_for

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
        chunk = values[i * length // count : (i + 1) * length // count]
        threads.append(threading.Thread(target=lambda: work(i, chunk)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in errors:
        if error is not None:
            raise error
    return sum(sums)
