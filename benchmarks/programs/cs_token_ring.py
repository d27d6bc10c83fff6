"""SCTBench CS.token_ring: three threads hand a value round, each in one step, but nothing keeps them in order."""
# bug: assertion
import threading

lock = threading.Lock()
x1, x2, x3 = 1, 2, 1
flags = [threading.Event() for _ in range(4)]


def first():
    global x1
    with lock:
        x1 = (x3 + 1) % 4
        flags[1].set()


def second():
    global x2
    flags[0].wait()
    with lock:
        x2 = x1
        flags[2].set()


def third():
    global x3
    flags[0].wait()
    with lock:
        x3 = x2
        flags[3].set()


def check():
    with lock:
        if flags[1].is_set() and flags[2].is_set() and flags[3].is_set():
            assert x1 == x2 == x3


def scenario():
    """When the value has gone round, all three have it."""
    flags[0].set()
    threads = [threading.Thread(target=target) for target in (first, second, third, check)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
