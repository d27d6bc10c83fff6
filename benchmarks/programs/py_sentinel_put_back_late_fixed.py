"""py_sentinel_put_back_late with the sentinel put back at once."""

import queue
import threading

lock = threading.Lock()
jobs = queue.Queue()
done = []
ended = []


def work(me):
    while True:
        with lock:
            job = jobs.get()
        if job is None:
            jobs.put(None)
            with lock:
                ended.append(me)
            return
        done.append(job)


def scenario():
    """All jobs are done, and both workers come to an end."""
    for job in (1, 2, None):
        jobs.put(job)
    threads = [threading.Thread(target=work, args=(me,)) for me in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [1, 2]
    assert sorted(ended) == [0, 1]
