"""py_three_locks with the last thread taking its locks in the order of the others."""

import threading

a = threading.Lock()
b = threading.Lock()
c = threading.Lock()
log = []


def work(first, second):
    with first:
        with second:
            log.append(1)


def scenario():
    """All three come to an end."""
    pairs = ((a, b), (b, c), (a, c))
    threads = [threading.Thread(target=work, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(log) == 3
