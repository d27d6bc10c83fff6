# wrong: looks whether the queue is empty first, and whether a thread is alive only then
# fails: test_earliest_chunk_wins_when_exceptions_race,
#   test_exception_is_passed_on_when_a_sum_races_with_it,
#   test_no_sum_is_lost_when_three_threads_race, test_no_sum_is_lost_when_two_threads_race,
#   test_two_calls_that_race_keep_their_exceptions_apart,
#   test_two_calls_that_race_keep_their_sums_apart

"""Sum a large sequence by giving each thread a chunk of it."""

import threading
import time
from queue import SimpleQueue


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
    results = SimpleQueue()

    def work(i, chunk):
        try:
            results.put((i, sum_chunk(chunk), None))
        except BaseException as error:
            results.put((i, 0, error))

    threads = []
    for i in range(count):
        chunk = values[i * length // count : (i + 1) * length // count]
        threads.append(threading.Thread(target=work, args=(i, chunk)))
    for thread in threads:
        thread.start()
    answers = []
    while True:
        if not results.empty():
            answers.append(results.get())
        elif any(thread.is_alive() for thread in threads):
            time.sleep(0.001)
        else:
            break
    for thread in threads:
        thread.join()
    for _, _, error in sorted(answers, key=lambda answer: answer[0]):
        if error is not None:
            raise error
    return sum(part for _, part, _ in answers)
