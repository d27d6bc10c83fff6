# wrong: tells that the task is done, and stores its sum only then
# fails: test_no_sum_is_lost_when_three_threads_race, test_no_sum_is_lost_when_two_threads_race
# may fail: test_two_calls_that_race_keep_their_exceptions_apart,
#   test_two_calls_that_race_keep_their_sums_apart

"""Sum a large sequence by giving each thread a chunk of it."""

import queue
import threading


def threaded_sum(values, n_threads, sum_chunk=sum):
    """Sum `values`, each chunk in a thread of its own."""
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    length = len(values)
    count = min(n_threads, length)
    tasks = queue.Queue()
    sums = []
    errors = {}

    def work():
        i, chunk = tasks.get()
        try:
            part = sum_chunk(chunk)
        except BaseException as error:
            errors[i] = error
            tasks.task_done()
        else:
            tasks.task_done()
            sums.append(part)

    for i in range(count):
        tasks.put((i, values[i * length // count : (i + 1) * length // count]))
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    tasks.join()
    total = sum(sums)
    for thread in threads:
        thread.join()
    if errors:
        raise errors[min(errors)]
    return total
