"""py_lost_append with append(), which is one step."""

import threading

items = []


def add(item):
    items.append(item)


def scenario():
    """Both items are in the list."""
    threads = [threading.Thread(target=add, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(items) == [0, 1]
