"""Two polite threads: each says that it wants in and waits as long as the other does; if both do, for ever."""
# bug: livelock
import threading
import time

wants = [False, False]
inside = []


def enter(me):
    other = 1 - me
    wants[me] = True
    while wants[other]:
        time.sleep(0.001)
    inside.append(me)
    assert len(inside) == 1
    inside.remove(me)
    wants[me] = False


def scenario():
    """Both get in, one at a time."""
    threads = [threading.Thread(target=enter, args=(me,)) for me in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
