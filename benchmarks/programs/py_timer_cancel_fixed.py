"""py_timer_cancel with both sides claiming the outcome under a lock."""

import threading

lock = threading.Lock()
fired = False
cancelled = False


def fire():
    global fired
    with lock:
        if not cancelled:
            fired = True


def give_up(timer):
    global cancelled
    with lock:
        if not fired:
            timer.cancel()
            cancelled = True


def scenario():
    """The timer has fired or has been cancelled, and not both."""
    timer = threading.Timer(0, fire)
    timer.start()
    give_up(timer)
    timer.join()
    assert fired != cancelled
