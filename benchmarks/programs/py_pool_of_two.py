"""ThreadPoolExecutor(2): each of two tasks submits a part to the same pool and waits for it, with no worker left."""
# bug: deadlock
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(max_workers=2)
parts = pool


def part(n):
    return n * n


def whole(n):
    return parts.submit(part, n).result() + 1


def scenario():
    """Both tasks get their part."""
    first = pool.submit(whole, 2)
    for n in range(4):
        assert pool.submit(part, n).result() == n * n
    second = pool.submit(whole, 3)
    assert (first.result(), second.result()) == (5, 10)
    pool.shutdown()
    parts.shutdown()
