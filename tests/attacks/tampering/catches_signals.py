# tries: to answer every signal with the start of one more thread, and never to end
# outcome: F
# reason: only sleeps and polls
import signal
import threading
import time


def start(*_):
    threading.Thread(target=time.sleep, args=(1000,)).start()


def double(number, work):
    for number in range(1, 65):
        try:
            signal.signal(number, start)
        except (OSError, ValueError):
            pass
    while True:
        try:
            time.sleep(0.05)
        except BaseException:
            pass
