"""Buffer of one by hand, busy waiting on two variables: the flag is set before the item is there."""
# bug: assertion
import threading
import time

full = False
slot = None
received = []


def produce():
    global full, slot
    for item in (1, 2):
        while full:
            time.sleep(0.001)
        full = True
        slot = item


def consume():
    global full
    for _ in range(2):
        while not full:
            time.sleep(0.001)
        received.append(slot)
        full = False


def scenario():
    """Each item is received once."""
    threads = [threading.Thread(target=target) for target in (produce, consume)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert received == [1, 2]
