"""py_livelock_after_you with a turn that decides when both want in (Peterson)."""

import threading
import time

wants = [False, False]
turn = None
inside = []


def enter(me):
    global turn
    other = 1 - me
    wants[me] = True
    turn = other
    while wants[other] and turn == other:
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
