# wrong: lets a pool go once all its threads are started, when one of them may still take two chunks
# fails: test_earliest_chunk_wins_when_exceptions_race,
#   test_exception_is_passed_on_when_a_sum_races_with_it,
#   test_no_sum_is_lost_when_three_threads_race, test_no_sum_is_lost_when_two_threads_race,
#   test_two_calls_that_race_keep_their_sums_apart

"""Sum a large sequence by giving each thread a chunk of it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event


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
    if count == 0:
        return 0
    go = Event()

    def work(chunk):
        go.wait()
        return sum_chunk(chunk)

    with ThreadPoolExecutor(max_workers=count) as pool:
        futures = []
        for i in range(count):
            chunk = values[i * length // count : (i + 1) * length // count]
            futures.append(pool.submit(work, chunk))
        go.set()
    return sum([future.result() for future in futures])
