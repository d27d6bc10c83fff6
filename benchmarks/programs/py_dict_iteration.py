"""Python classic: one thread iterates over a dictionary while another adds to it (RuntimeError)."""
# bug: exception
import threading

lock = threading.Lock()
prices = {"tea": 3, "milk": 2}
sums = []


def add_up():
    total = 0
    for name in prices:
        total += prices[name]
    sums.append(total)


def add():
    prices["bread"] = 4


def scenario():
    """The sum is that before or that after."""
    threads = [threading.Thread(target=target) for target in (add_up, add)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sums in ([5], [9])
