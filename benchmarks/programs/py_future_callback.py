"""result() comes back as soon as a future is done, and its callbacks may still be to come."""
# bug: assertion
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(max_workers=1)
noted = []


def task():
    return 7


def note(future):
    noted.append(future.result())


def scenario():
    """What the task returns has been noted."""
    future = pool.submit(task)
    future.add_done_callback(note)
    result = future.result()
    seen = list(noted)
    pool.shutdown()
    assert seen == [result]
