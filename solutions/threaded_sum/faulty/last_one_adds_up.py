# wrong: lets the thread that comes last add up the sums, and two may both think that they are the last
# fails: test_no_sum_is_lost_when_three_threads_race, test_no_sum_is_lost_when_two_threads_race
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
    total = 0
    answers = []

    def work(i, chunk):
        nonlocal total
        try:
            answer = (i, sum_chunk(chunk), None)
        except BaseException as error:
            answer = (i, 0, error)
        answers.append(answer)
        if len(answers) == count:
            for _, part, _ in answers:
                total += part

    threads = []
    for i in range(count):
        chunk = values[i * length // count : (i + 1) * length // count]
        threads.append(threading.Thread(target=work, args=(i, chunk)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _, _, error in sorted(answers, key=lambda answer: answer[0]):
        if error is not None:
            raise error
    return total
