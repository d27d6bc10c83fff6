"""Python classic: wait() without a predicate: the notify comes first, and nobody remembers it."""
# bug: deadlock
import threading

ready = threading.Condition()
is_ready = False
value = None


def wait():
    with ready:
        ready.wait()
        assert value == 42


def set_value():
    global value, is_ready
    with ready:
        value = 42
        is_ready = True
        ready.notify()


def scenario():
    """The waiting thread gets the value, whoever comes first."""
    threads = [threading.Thread(target=target) for target in (wait, set_value)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
