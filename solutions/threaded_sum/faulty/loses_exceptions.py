# wrong: lets an exception end its thread, so that the caller never hears of it
# fails: test_calls_keep_their_exceptions_apart, test_each_thread_is_joined_before_the_call_raises,
#   test_earliest_chunk_wins_when_exceptions_race, test_earliest_chunks_exception_is_raised,
#   test_even_an_exit_in_a_chunk_is_passed_on, test_exception_is_passed_on_when_a_sum_races_with_it,
#   test_exception_reaches_the_caller, test_failing_chunk_is_not_tried_again,
#   test_failure_waits_for_the_other_chunks, test_no_thread_is_left_over,
#   test_two_calls_that_race_keep_their_exceptions_apart, test_values_are_left_as_they_were

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

    def work(i, chunk):
        sums[i] = sum_chunk(chunk)

    threads = []
    for i in range(count):
        chunk = values[i * length // count : (i + 1) * length // count]
        threads.append(threading.Thread(target=work, args=(i, chunk)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(sums)
