"""A generator cuts the chunks while the threads ask for them, one at a time behind a lock."""

import threading


def cut(values, count):
    length = len(values)
    for number in range(count):
        yield number, values[number * length // count : (number + 1) * length // count]


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    count = min(n_threads, len(values))
    chunks = cut(values, count)
    turn = threading.Lock()
    answers = [None] * count

    def take_one():
        with turn:  # a generator cannot be entered by two threads
            number, chunk = next(chunks)
        try:
            answers[number] = (sum_chunk(chunk), None)
        except BaseException as error:
            answers[number] = (0, error)

    threads = [threading.Thread(target=take_one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _, error in answers:
        if error is not None:
            raise error
    return sum(part for part, _ in answers)
