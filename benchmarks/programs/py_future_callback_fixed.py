"""py_future_callback with the pool shut down, and so its callbacks run, before the look."""

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
    pool.shutdown()
    seen = list(noted)
    assert seen == [result]
