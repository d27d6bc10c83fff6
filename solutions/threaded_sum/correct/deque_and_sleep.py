"""Answers are appended to a deque; the caller sleeps until there are enough, and joins then."""

import time
from collections import deque
from threading import Thread


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    length = len(values)
    count = min(n_threads, length)
    answers = deque()

    def work(number, chunk):
        try:
            answer = (number, sum_chunk(chunk), None)
        except BaseException as error:
            answer = (number, None, error)
        answers.append(answer)

    threads = []
    for number in range(count):
        chunk = values[number * length // count : (number + 1) * length // count]
        threads.append(Thread(target=work, args=(number, chunk), daemon=True))
    for thread in threads:
        thread.start()
    while len(answers) < count:
        time.sleep(0.002)
    for thread in threads:
        thread.join()
    total = 0
    for _, part, error in sorted(answers, key=lambda answer: answer[0]):
        if error is not None:
            raise error
        total += part
    return total
