"""Python classic: `if not queue.empty(): queue.get()` by two consumers: one gets the last item, one waits for ever."""
# bug: deadlock
import queue
import threading

jobs = queue.Queue()
done = []


def work():
    while not jobs.empty():
        job = jobs.get()
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
