"""Python classic: a transfer locks the account it takes from and then that it gives to; two transfers cross."""
# bug: deadlock
import threading


class Account:
    def __init__(self, number, balance):
        self.number = number
        self.balance = balance
        self.lock = threading.Lock()


def transfer(source, target, amount):
    first, second = source, target
    with first.lock, second.lock:
        source.balance -= amount
        target.balance += amount


def scenario():
    """Both transfers are done."""
    a, b = Account(1, 10), Account(2, 10)
    threads = [
        threading.Thread(target=transfer, args=(a, b, 3)),
        threading.Thread(target=transfer, args=(b, a, 4)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (a.balance, b.balance) == (11, 9)
