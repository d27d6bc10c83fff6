"""py_transfer_total with both locks held for the whole of the transfer, and of the total."""

import threading


class Account:
    def __init__(self, balance):
        self.lock = threading.RLock()
        self.balance = balance

    def change(self, amount):
        with self.lock:
            self.balance += amount

    def value(self):
        with self.lock:
            return self.balance


a = Account(10)
b = Account(10)


def transfer():
    with a.lock, b.lock:
        a.change(-5)
        b.change(5)


def check():
    with a.lock, b.lock:
        total = a.value() + b.value()
    assert total == 20


def scenario():
    """No money is lost, or made, at any moment."""
    threads = [threading.Thread(target=target) for target in (transfer, check)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
