"""Every account has its RLock, and each step is locked; but the total can be read between the halves of a transfer."""
# bug: assertion
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
    a.change(-5)
    b.change(5)


def check():
    total = a.value() + b.value()
    assert total == 20


def scenario():
    """No money is lost, or made, at any moment."""
    threads = [threading.Thread(target=target) for target in (transfer, check)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
