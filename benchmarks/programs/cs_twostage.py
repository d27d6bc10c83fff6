"""SCTBench CS.twostage: two values are set under a lock each, and a reader comes between."""
# bug: assertion
import threading

lock1 = threading.Lock()
lock2 = threading.Lock()
data1 = 0
data2 = 0


def write():
    global data1, data2
    with lock1:
        data1 = 1
    with lock2:
        data2 = data1 + 1


def read():
    with lock1:
        if data1 == 0:
            return
        one = data1
    with lock2:
        two = data2
    assert two == one + 1


def scenario():
    """Whoever sees the first value sees the second that goes with it."""
    threads = [threading.Thread(target=write) for _ in range(1)]
    threads.append(threading.Thread(target=read))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
