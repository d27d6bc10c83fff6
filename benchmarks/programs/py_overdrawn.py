"""Python classic: the balance is tested under the lock and changed under the lock, but not in one hold of it."""
# bug: assertion
import threading

lock = threading.Lock()
balance = 10


def withdraw(amount):
    global balance
    with lock:
        enough = balance >= amount
    if enough:
        with lock:
            balance -= amount


def scenario():
    """The account is never overdrawn."""
    threads = [threading.Thread(target=withdraw, args=(amount,)) for amount in (7, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert balance >= 0
