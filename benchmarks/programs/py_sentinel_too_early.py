"""Two producers, one of them puts the sentinel at its end; what the other puts behind it is never done."""
# bug: assertion
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
