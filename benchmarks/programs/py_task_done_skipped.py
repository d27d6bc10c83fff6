"""Python classic: a job that fails skips task_done(), and join() waits for ever; here if a table is not filled yet."""
# bug: deadlock
import queue
import threading

jobs = queue.Queue()
prices = {}
errors = []
total = 0


def fill():
    prices["tea"] = 3


def work():
    global total
    while True:
        job = jobs.get()
        if job is None:
            return
        try:
            total += prices[job]
            jobs.task_done()
        except KeyError as error:
            errors.append(error)


def scenario():
    """Every job that was put is done or has failed."""
    filler = threading.Thread(target=fill)
    worker = threading.Thread(target=work)
    filler.start()
    jobs.put("tea")
    worker.start()
    jobs.join()
    jobs.put(None)
    filler.join()
    worker.join()
    assert total == 3 or errors
