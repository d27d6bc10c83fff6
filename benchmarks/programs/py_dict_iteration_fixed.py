"""py_dict_iteration with a lock around both."""

import threading

lock = threading.Lock()
prices = {"tea": 3, "milk": 2}
sums = []


def add_up():
    total = 0
    with lock:
        for name in prices:
            total += prices[name]
    sums.append(total)


def add():
    with lock:
        prices["bread"] = 4


def scenario():
    """The sum is that before or that after."""
    threads = [threading.Thread(target=target) for target in (add_up, add)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sums in ([5], [9])
