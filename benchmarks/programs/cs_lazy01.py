"""SCTBench CS.lazy01: a thread takes for granted that it never comes after both of the others."""
# bug: assertion
import threading

lock = threading.Lock()
data = 0


def one():
    global data
    with lock:
        data += 1


def two():
    global data
    with lock:
        data += 2


def check():
    with lock:
        assert data < 3


def scenario():
    """The check holds wherever it comes."""
    threads = [threading.Thread(target=target) for target in (check, one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
