"""cs_account with the formula of the check put right."""

import threading

lock = threading.Lock()
start, deposited, withdrawn = 1, 2, 4
balance = start
deposit_done = False
withdraw_done = False


def deposit():
    global balance, deposit_done
    with lock:
        balance = balance + deposited
        deposit_done = True


def withdraw():
    global balance, withdraw_done
    with lock:
        balance = balance - withdrawn
        withdraw_done = True


def check():
    with lock:
        if deposit_done and withdraw_done:
            assert balance == start + deposited - withdrawn


def scenario():
    """The check is right whenever it comes."""
    threads = [threading.Thread(target=target) for target in (check, deposit, withdraw)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
