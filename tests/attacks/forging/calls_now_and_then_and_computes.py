# tries: to call the probe now and then, for ever, and to compute in between for less than is taken for a loop
# outcome: F
# fails: test_twice
# reason: never comes to an end
import threading
import time


def double(number, work):
    while number == 4:
        work(number)
        end = time.thread_time() + 0.2
        while time.thread_time() < end:
            pass
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
