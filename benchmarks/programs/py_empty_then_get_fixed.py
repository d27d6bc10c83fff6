"""py_empty_then_get with get_nowait(), which looks and takes in one step."""

import queue
import threading

jobs = queue.Queue()
done = []


def work():
    while not jobs.empty():
        try:
            job = jobs.get_nowait()
        except queue.Empty:
            return
        done.append(job)


def scenario():
    """All jobs are done, and the workers come to an end."""
    for job in range(3):
        jobs.put(job)
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 1, 2]
