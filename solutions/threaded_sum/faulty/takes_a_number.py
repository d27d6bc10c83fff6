# wrong: lets each thread take the next chunk's number without a lock, so that two may take the same
# fails: test_earliest_chunk_wins_when_exceptions_race,
#   test_exception_is_passed_on_when_a_sum_races_with_it,
#   test_no_sum_is_lost_when_three_threads_race, test_no_sum_is_lost_when_two_threads_race
# may fail: test_two_calls_that_race_keep_their_sums_apart

"""Sum a large sequence by giving each thread a chunk of it."""

import threading


class Job:
    """The chunks, and which of them is to be taken next."""

    def __init__(self, chunks, sum_chunk):
        self.chunks = chunks
        self.sum_chunk = sum_chunk
        self.next = 0
        self.answers = []

    def work(self):
        """Take a chunk and sum it."""
        number = self.next
        self.next = number + 1
        try:
            self.answers.append((number, self.sum_chunk(self.chunks[number]), None))
        except BaseException as error:
            self.answers.append((number, 0, error))


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
    job = Job([values[i * length // count : (i + 1) * length // count] for i in range(count)], sum_chunk)
    threads = [threading.Thread(target=job.work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _, _, error in sorted(job.answers, key=lambda answer: answer[0]):
        if error is not None:
            raise error
    return sum(part for _, part, _ in job.answers)
