"""cs_reorder_5 with a and b set, and looked at, under one lock."""

import threading

lock = threading.Lock()
a = 0
b = 0


def set_both():
    global a, b
    with lock:
        a = 1
        b = -1


def check():
    with lock:
        assert (a == 0 and b == 0) or (a == 1 and b == -1)


def scenario():
    """Nobody sees one of the two set without the other."""
    threads = [threading.Thread(target=set_both) for _ in range(4)]
    threads += [threading.Thread(target=check) for _ in range(1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
