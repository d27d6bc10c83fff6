"""Read-copy-update: two threads copy the same old dictionary, and the last to publish loses the other's entry."""
# bug: assertion
import threading

updating = threading.Lock()
routes = {"a": 1}


def update(key, value):
    global routes
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
