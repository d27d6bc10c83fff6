"""Double-checked singleton without the second check: both threads pass the first, and each makes an object."""
# bug: assertion
import threading

lock = threading.Lock()
instance = None
got = []


class Connection:
    pass


def get_instance():
    global instance
    if instance is None:
        with lock:
            instance = Connection()
    return instance


def use():
    got.append(get_instance())


def scenario():
    """There is one object only."""
    threads = [threading.Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got[0] is got[1]
