"""threading.local misused: every thread puts the same dictionary into its own attribute and counts in it."""
# bug: assertion
import threading

EMPTY = {"n": 0}
local = threading.local()


def increment():
    local.stats["n"] += 1


def count():
    local.stats = EMPTY
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
