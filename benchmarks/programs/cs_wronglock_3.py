"""SCTBench CS.wronglock_3: one thread counts under one lock, 3 count the same under another."""
# bug: assertion
import threading

data_lock = threading.Lock()
other_lock = threading.Lock()
data = 0


def count_and_check():
    global data
    with data_lock:
        before = data
        data += 1
        assert data == before + 1


def count():
    global data
    with other_lock:
        data += 1


def scenario():
    """Nobody counts while the one thread does."""
    threads = [threading.Thread(target=count_and_check)]
    threads += [threading.Thread(target=count) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
