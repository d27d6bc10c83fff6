"""py_livelock_polite with each diner handing the spoon on only once."""

import threading
import time

owner = 0
hungry = [False, False]
meals = []


def dine(me):
    global owner
    other = 1 - me
    hungry[me] = True
    polite = True
    while hungry[me]:
        if owner != me:
            time.sleep(0.001)
        elif hungry[other] and polite:
            polite = False
            owner = other
        else:
            meals.append(me)
            hungry[me] = False
            owner = other


def scenario():
    """Both eat."""
    threads = [threading.Thread(target=dine, args=(me,)) for me in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(meals) == [0, 1]
