"""py_read_copy_update with a lock for those that update; readers need none."""

import threading

updating = threading.Lock()
routes = {"a": 1}


def update(key, value):
    global routes
    with updating:
        copy = dict(routes)
        copy[key] = value
        routes = copy


def read():
    assert routes["a"] == 1


def scenario():
    """Both updates are there."""
    threads = [
        threading.Thread(target=update, args=("b", 2)),
        threading.Thread(target=update, args=("c", 3)),
        threading.Thread(target=read),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert routes == {"a": 1, "b": 2, "c": 3}
