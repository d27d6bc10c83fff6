"""A timer is a thread too: one of no delay for each chunk."""

from threading import Lock, Timer


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    length = len(values)
    count = min(n_threads, length)
    lock = Lock()
    answers = {}

    def work(number, chunk):
        try:
            answer = (sum_chunk(chunk), None)
        except BaseException as error:
            answer = (0, error)
        with lock:
            answers[number] = answer

    timers = []
    for number in range(count):
        chunk = values[number * length // count : (number + 1) * length // count]
        timers.append(Timer(0, work, args=(number, chunk)))
    for timer in timers:
        timer.start()
    for timer in timers:
        timer.join()
    for number in range(count):
        if answers[number][1] is not None:
            raise answers[number][1]
    return sum(part for part, _ in answers.values())
