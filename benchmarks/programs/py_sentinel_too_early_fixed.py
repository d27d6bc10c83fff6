"""py_sentinel_too_early with the sentinel put when the other producer is done too."""

import queue
import threading

jobs = queue.Queue()
first_done = threading.Event()
done = []


def produce_first():
    jobs.put(1)
    first_done.set()


def produce_last():
    jobs.put(2)
    first_done.wait()
    jobs.put(None)


def consume():
    while True:
        job = jobs.get()
        if job is None:
            return
        done.append(job)


def scenario():
    """The jobs of both producers are done."""
    threads = [threading.Thread(target=target) for target in (produce_first, produce_last, consume)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [1, 2]
