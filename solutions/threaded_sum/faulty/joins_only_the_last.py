# wrong: waits for all results, and then joins the last thread only
# fails: test_each_thread_is_joined_before_the_call_raises,
#   test_each_thread_is_joined_before_the_call_returns
# may fail: test_no_thread_is_left_over, test_no_sum_is_lost_when_two_threads_race,
#   test_no_sum_is_lost_when_three_threads_race,
#   test_exception_is_passed_on_when_a_sum_races_with_it,
#   test_earliest_chunk_wins_when_exceptions_race

"""Sum a large sequence by giving each thread a chunk of it."""

import queue
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
    done = queue.Queue()

    def work(i, chunk):
        try:
            sums[i] = sum_chunk(chunk)
        except BaseException as error:
            errors[i] = error
        done.put(i)

    threads = []
    for i in range(count):
        chunk = values[i * length // count : (i + 1) * length // count]
        threads.append(threading.Thread(target=work, args=(i, chunk)))
    for thread in threads:
        thread.start()
    for _ in threads:
        done.get()
    for thread in threads[-1:]:
        thread.join()
    for error in errors:
        if error is not None:
            raise error
    return sum(sums)
