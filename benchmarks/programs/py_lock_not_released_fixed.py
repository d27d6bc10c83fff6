"""py_lock_not_released with the lock taken by `with`."""

import threading

lock = threading.Lock()
table = {}
missing = []


def write():
    with lock:
        table["key"] = 1


def get():
    with lock:
        return table["key"]


def read():
    try:
        assert get() == 1
    except KeyError as error:
        missing.append(error)


def scenario():
    """Both come to an end, and the value is there."""
    threads = [threading.Thread(target=target) for target in (write, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert table == {"key": 1}
