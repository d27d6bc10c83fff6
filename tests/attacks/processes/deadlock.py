# tries: two threads that each hold what the other waits for
# outcome: F
# reason: is stuck
# reason: double.py line 14, in take
import threading

ONE, TWO = threading.Lock(), threading.Lock()
BOTH = threading.Barrier(2)


def take(first, second):
    with first:
        BOTH.wait()
        with second:
            pass


def double(number, work):
    threads = [threading.Thread(target=take, args=pair) for pair in ((ONE, TWO), (TWO, ONE))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 2 * work(number)
