"""cs_arithmetic_prog with the last number added before the sum is called ready."""

import threading

N = 3
num = 0
total = 0
ready = False
lock = threading.Lock()
empty = threading.Condition(lock)
full = threading.Condition(lock)


def produce():
    global num
    for _ in range(N):
        with lock:
            while num > 0:
                empty.wait()
            num += 1
            full.notify()


def consume():
    global num, total, ready
    for j in range(N):
        with lock:
            while num == 0:
                full.wait()
            total += j
            num -= 1
            empty.notify()
    total += N
    ready = True


def check():
    if ready:
        assert total == N * (N + 1) // 2


def scenario():
    """A sum that is ready is that of 0 to N."""
    threads = [threading.Thread(target=target) for target in (produce, consume, check)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert total == N * (N + 1) // 2
