# wrong: takes two locks in one order after a sum, and in the other after an exception
# fails: test_earliest_chunk_wins_when_exceptions_race,
#   test_exception_is_passed_on_when_a_sum_races_with_it

"""Sum a large sequence by giving each thread a chunk of it."""

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
    total_lock = threading.Lock()
    error_lock = threading.Lock()
    total = 0
    errors = {}

    def work(i, chunk):
        nonlocal total
        try:
            part = sum_chunk(chunk)
        except BaseException as error:
            with error_lock:
                errors[i] = error
                with total_lock:
                    total = 0
        else:
            with total_lock, error_lock:
                if not errors:
                    total += part

    threads = []
    for i in range(count):
        chunk = values[i * length // count : (i + 1) * length // count]
        threads.append(threading.Thread(target=work, args=(i, chunk)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[min(errors)]
    return total
