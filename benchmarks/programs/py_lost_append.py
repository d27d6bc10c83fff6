"""Python classic: `items = items + [item]` by two threads, and an item is lost."""
# bug: assertion
import threading

items = []


def add(item):
    global items
    items = items + [item]


def scenario():
    """Both items are in the list."""
    threads = [threading.Thread(target=add, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(items) == [0, 1]
