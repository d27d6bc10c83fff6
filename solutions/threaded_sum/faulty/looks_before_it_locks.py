# wrong: looks whether to wait before it takes the lock, and may miss the only notify
# fails: test_earliest_chunk_wins_when_exceptions_race,
#   test_exception_is_passed_on_when_a_sum_races_with_it,
#   test_no_sum_is_lost_when_three_threads_race, test_no_sum_is_lost_when_two_threads_race
# may fail: test_two_calls_that_race_keep_their_exceptions_apart,
#   test_two_calls_that_race_keep_their_sums_apart

"""Sum a large sequence by giving each thread a chunk of it."""

import threading


class Progress:
    """How many chunks are done."""

    def __init__(self, count):
        self.changed = threading.Condition()
        self.count = count
        self.done = 0

    def one_more(self):
        """Tell that a chunk is done."""
        with self.changed:
            self.done += 1
            if self.done == self.count:
                self.changed.notify()

    def wait(self):
        """Wait until all chunks are done."""
        if self.done < self.count:
            with self.changed:
                self.changed.wait()


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
    sums = [0] * count
    errors = [None] * count
    progress = Progress(count)

    def work(i, chunk):
        try:
            sums[i] = sum_chunk(chunk)
        except BaseException as error:
            errors[i] = error
        progress.one_more()

    threads = []
    for i in range(count):
        chunk = values[i * length // count : (i + 1) * length // count]
        threads.append(threading.Thread(target=work, args=(i, chunk)))
    for thread in threads:
        thread.start()
    progress.wait()
    for thread in threads:
        thread.join()
    for error in errors:
        if error is not None:
            raise error
    return sum(sums)
