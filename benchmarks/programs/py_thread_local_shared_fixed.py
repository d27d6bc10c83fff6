"""py_thread_local_shared with a copy for every thread."""

import threading

EMPTY = {"n": 0}
local = threading.local()


def increment():
    local.stats["n"] += 1


def count():
    local.stats = dict(EMPTY)
    local.stats["n"] = 0
    for _ in range(2):
        increment()
    assert local.stats["n"] == 2


def scenario():
    """Every thread counts for itself."""
    threads = [threading.Thread(target=count) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
