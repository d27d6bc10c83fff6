# tries: threads that start threads
# outcome: F
# reason: Your program 
import threading
import time


def again(left):
    for _ in range(2):
        if left:
            threading.Thread(target=again, args=(left - 1,), daemon=True).start()
    time.sleep(1_000)


def double(number, work):
    again(8)
