# wrong: clears the event after it has emptied the list, and so forgets what came in between
# fails: test_earliest_chunk_wins_when_exceptions_race,
#   test_exception_is_passed_on_when_a_sum_races_with_it,
#   test_no_sum_is_lost_when_three_threads_race, test_no_sum_is_lost_when_two_threads_race
# may fail: test_two_calls_that_race_keep_their_sums_apart

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
    ready = threading.Event()
    inbox = []

    def work(i, chunk):
        try:
            inbox.append((i, sum_chunk(chunk), None))
        except BaseException as error:
            inbox.append((i, 0, error))
        ready.set()

    threads = []
    for i in range(count):
        chunk = values[i * length // count : (i + 1) * length // count]
        threads.append(threading.Thread(target=work, args=(i, chunk)))
    for thread in threads:
        thread.start()
    answers = []
    while len(answers) < count:
        ready.wait()
        while inbox:
            answers.append(inbox.pop())
        ready.clear()
    for thread in threads:
        thread.join()
    answers.sort(key=lambda answer: answer[0])
    for _, _, error in answers:
        if error is not None:
            raise error
    return sum(part for _, part, _ in answers)
