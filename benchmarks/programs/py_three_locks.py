"""Three threads, three locks, each thread takes two of them: no two threads can block each other, but all three can."""
# bug: deadlock
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
    pairs = ((a, b), (b, c), (c, a))
    threads = [threading.Thread(target=work, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(log) == 3
