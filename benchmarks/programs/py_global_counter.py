"""Python classic: `total += 1` on a global by two threads, and an increment is lost."""
# bug: assertion
import threading

lock = threading.Lock()
total = 0


def count():
    global total
    for _ in range(2):
        total += 1


def scenario():
    """Two threads that count to two make four."""
    threads = [threading.Thread(target=count) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert total == 4
