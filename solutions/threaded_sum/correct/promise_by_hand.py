"""A promise made of a condition: kept or broken once, and waited for in a loop."""

import threading


class Promise:
    def __init__(self):
        self._changed = threading.Condition()
        self._state = "open"
        self._outcome = None

    def keep(self, value):
        self._settle("kept", value)

    def break_(self, error):
        self._settle("broken", error)

    def _settle(self, state, outcome):
        with self._changed:
            self._state, self._outcome = state, outcome
            self._changed.notify_all()

    def wait(self):
        with self._changed:
            while self._state == "open":
                self._changed.wait()
            return self._state == "kept", self._outcome


def _sum_one(chunk, sum_chunk, promise):
    try:
        value = sum_chunk(chunk)
    except BaseException as error:
        promise.break_(error)
    else:
        promise.keep(value)


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    length = len(values)
    count = min(n_threads, length)
    promises = [Promise() for _ in range(count)]
    threads = []
    for i, promise in enumerate(promises):
        chunk = values[i * length // count : (i + 1) * length // count]
        threads.append(threading.Thread(target=_sum_one, args=(chunk, sum_chunk, promise)))
    for thread in threads:
        thread.start()
    outcomes = [promise.wait() for promise in promises]
    for thread in threads:
        thread.join()
    for kept, outcome in outcomes:
        if not kept:
            raise outcome
    return sum(outcome for _, outcome in outcomes)
