"""An executor of one worker for each chunk: every chunk has a new thread, futures carry the rest."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack


def threaded_sum(values, n_threads, sum_chunk=sum):
    if isinstance(n_threads, bool) or not isinstance(n_threads, int):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    count = min(n_threads, len(values))
    bounds = [len(values) * i // count for i in range(count + 1)] if count else [0]
    with ExitStack() as stack:
        futures = []
        for start, stop in zip(bounds, bounds[1:]):
            executor = stack.enter_context(ThreadPoolExecutor(max_workers=1))
            futures.append(executor.submit(sum_chunk, values[start:stop]))
    total = 0
    for future in futures:
        total += future.result()
    return total
