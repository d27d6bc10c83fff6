"""Python classic: an exception between acquire() and release(), here only if the reader comes before the writer."""
# bug: deadlock
import threading

lock = threading.Lock()
table = {}
missing = []


def write():
    with lock:
        table["key"] = 1


def get():
    lock.acquire()
    value = table["key"]
    lock.release()
    return value


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
