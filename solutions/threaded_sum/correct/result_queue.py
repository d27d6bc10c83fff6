"""Workers put (number, sum, exception) on a queue, in whatever order they finish."""

import queue
import threading


def _work(number, chunk, sum_chunk, results):
    try:
        results.put((number, sum_chunk(chunk), None))
    except BaseException as error:
        results.put((number, None, error))


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads: an int, please")
    if n_threads <= 0:
        raise ValueError("n_threads: at least one, please")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk: a function, please")
    n_chunks = min(n_threads, len(values))
    results = queue.SimpleQueue()
    threads = []
    rest = values
    for number in range(n_chunks):
        size = len(rest) // (n_chunks - number)
        thread = threading.Thread(target=_work, args=(number, rest[:size], sum_chunk, results))
        rest = rest[size:]
        threads.append(thread)
    for thread in threads:
        thread.start()
    answers = [results.get() for _ in threads]
    for thread in threads:
        thread.join()
    answers.sort(key=lambda answer: answer[0])
    total = 0
    for _, part, error in answers:
        if error is not None:
            raise error
        total += part
    return total
