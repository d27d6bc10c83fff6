"""ThreadPoolExecutor(1): a task waits for another of the same pool, which may have been submitted after it."""
# bug: deadlock
import threading
from concurrent.futures import ThreadPoolExecutor

WORKERS = 1
prepared = threading.Event()
order = []


def prepare():
    order.append("prepared")
    prepared.set()


def use():
    prepared.wait()
    order.append("used")


def scenario():
    """Both tasks are done, whichever is submitted first."""
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        threads = [threading.Thread(target=pool.submit, args=(task,)) for task in (prepare, use)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert order == ["prepared", "used"]
