"""py_pool_of_two with a pool of their own for the parts."""

from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(max_workers=2)
parts = ThreadPoolExecutor(max_workers=2)


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
