"""py_event_cleared with an event for each waiter."""

import threading

shared = threading.Event()
events = [shared, threading.Event()]
seen = []


def wait(me):
    events[me].wait()
    events[me].clear()
    seen.append(me)


def announce():
    for event in events:
        event.set()


def scenario():
    """What is announced reaches both."""
    threads = [threading.Thread(target=wait, args=(me,)) for me in range(2)]
    threads.append(threading.Thread(target=announce))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [0, 1]
