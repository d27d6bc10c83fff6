"""Python classic: two workers, one sentinel: as many are put as workers have reported when the jobs have been put."""
# bug: deadlock
import queue
import threading

N = 2
jobs = queue.Queue()
reported = []
done = []


def work(me):
    reported.append(me)
    while True:
        job = jobs.get()
        if job is None:
            return
        done.append(job)


def scenario():
    """All jobs are done, and both workers come to an end."""
    threads = [threading.Thread(target=work, args=(me,)) for me in range(N)]
    for thread in threads:
        thread.start()
    for job in range(2):
        jobs.put(job)
    for _ in range(len(reported)):
        jobs.put(None)
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 1]
