# wrong: keeps two calls apart by a number, which two callers may get at the same time
# fails: test_two_calls_that_race_keep_their_sums_apart
# may fail: test_two_calls_that_race_keep_their_exceptions_apart

"""Sum a large sequence by giving each thread a chunk of it."""

import threading

calls = 0
answers = {}


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
    global calls
    calls += 1
    call = calls

    def work(i, chunk):
        try:
            answers[call, i] = (sum_chunk(chunk), None)
        except BaseException as error:
            answers[call, i] = (0, error)

    threads = []
    for i in range(count):
        chunk = values[i * length // count : (i + 1) * length // count]
        threads.append(threading.Thread(target=work, args=(i, chunk)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    mine = [answers.pop((call, i)) for i in range(count)]
    for _, error in mine:
        if error is not None:
            raise error
    return sum(part for part, _ in mine)
