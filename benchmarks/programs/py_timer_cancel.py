"""threading.Timer: `if not fired: timer.cancel()` says cancelled although the timer has fired in between."""
# bug: assertion
import threading

lock = threading.Lock()
fired = False
cancelled = False


def fire():
    global fired
    if not cancelled:
        fired = True


def give_up(timer):
    global cancelled
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
