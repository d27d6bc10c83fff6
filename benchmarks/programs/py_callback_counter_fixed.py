"""py_callback_counter with a lock in the callback."""

import threading
from concurrent.futures import ThreadPoolExecutor

lock = threading.Lock()
done = 0


def task(n):
    return n


def count(_):
    global done
    with lock:
        done += 1


def scenario():
    """Each future that is done counts."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        for n in range(2):
            pool.submit(task, n).add_done_callback(count)
    assert done == 2
