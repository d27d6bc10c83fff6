# wrong: tells that it waits in a flag, which the other side may have looked at already
# fails: test_earliest_chunk_wins_when_exceptions_race,
#   test_exception_is_passed_on_when_a_sum_races_with_it,
#   test_no_sum_is_lost_when_three_threads_race, test_no_sum_is_lost_when_two_threads_race
# may fail: test_two_calls_that_race_keep_their_exceptions_apart,
#   test_two_calls_that_race_keep_their_sums_apart

"""Sum a large sequence by giving each thread a chunk of it."""

import threading


class Slot:
    """A place for one answer, which one thread waits for."""

    def __init__(self):
        self.answer = None
        self.done = False
        self.waited_for = False
        self.signal = threading.Lock()
        self.signal.acquire()

    def put(self, answer):
        """Leave the answer, and wake the thread that waits for it."""
        self.answer = answer
        self.done = True
        if self.waited_for:
            self.signal.release()

    def get(self):
        """Wait for the answer."""
        if not self.done:
            self.waited_for = True
            self.signal.acquire()
        return self.answer


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
    slots = [Slot() for _ in range(count)]

    def work(i, chunk):
        try:
            slots[i].put((sum_chunk(chunk), None))
        except BaseException as error:
            slots[i].put((0, error))

    threads = []
    for i in range(count):
        chunk = values[i * length // count : (i + 1) * length // count]
        threads.append(threading.Thread(target=work, args=(i, chunk)))
    for thread in threads:
        thread.start()
    answers = [slot.get() for slot in slots]
    for thread in threads:
        thread.join()
    for _, error in answers:
        if error is not None:
            raise error
    return sum(part for part, _ in answers)
