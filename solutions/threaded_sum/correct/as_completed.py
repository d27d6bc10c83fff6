"""`import concurrent.futures as cf`: executors of one worker each, whose futures are taken as they complete."""

import concurrent.futures as cf


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    length = len(values)
    count = min(n_threads, length)
    executors = [cf.ThreadPoolExecutor(max_workers=1) for _ in range(count)]
    numbers = {}
    for number, executor in enumerate(executors):
        chunk = values[number * length // count : (number + 1) * length // count]
        numbers[executor.submit(sum_chunk, chunk)] = number
    total = 0
    errors = {}
    for future in cf.as_completed(numbers):
        error = future.exception()
        if error is not None:
            errors[numbers[future]] = error
        else:
            total += future.result()
    for executor in executors:
        executor.shutdown(wait=True)
    if errors:
        raise errors[min(errors)]
    return total
