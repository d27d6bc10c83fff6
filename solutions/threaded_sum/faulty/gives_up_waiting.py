# wrong: waits a second for each thread, and takes it that by then they must all be done
# fails: test_chunk_of_a_minute_is_waited_for, test_four_times_as_fast_on_4_cores,
#   test_eight_times_as_fast_on_8_cores, test_left_over_values_are_shared_out,
#   test_dear_chunk_takes_no_longer_than_alone, test_more_threads_than_cores_keep_all_cores_busy
# may fail: test_all_threads_start_before_any_is_waited_for, test_calls_keep_their_exceptions_apart,
#   test_call_waits_for_its_slowest_chunk, test_each_chunk_has_a_thread_of_its_own,
#   test_each_thread_is_joined_before_the_call_raises, test_each_thread_is_joined_before_the_call_returns,
#   test_earliest_chunks_exception_is_raised, test_failure_waits_for_the_other_chunks,
#   test_forty_threads_start_before_any_is_waited_for, test_no_thread_is_left_over,
#   test_no_thread_sums_two_chunks, test_second_call_has_new_threads, test_two_calls_at_once_keep_apart,
#   test_threads_are_over_when_the_call_returns
from threading import Thread


def threaded_sum(values, n_threads, sum_chunk=sum):
    if type(n_threads) is not int:
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    length = len(values)
    count = min(n_threads, length)
    sums = {}
    errors = {}

    def work(number):
        try:
            sums[number] = sum_chunk(values[number * length // count : (number + 1) * length // count])
        except BaseException as error:
            errors[number] = error

    threads = [Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(1)
    for number in sorted(errors):
        raise errors[number]
    return sum(sums.values())
