"""cs_carter01 with a lock of its own for each class's counter."""

import threading

counter_locks = {"A": threading.Lock(), "B": threading.Lock()}
room = threading.Lock()
inside = {"A": 0, "B": 0}
visits = []


def work(kind):
    with counter_locks[kind]:
        inside[kind] += 1
        if inside[kind] == 1:
            room.acquire()
    visits.append(kind)
    with counter_locks[kind]:
        inside[kind] -= 1
        if inside[kind] == 0:
            room.release()


def scenario():
    """Everybody gets in and out again."""
    threads = [threading.Thread(target=work, args=(kind,)) for kind in "ABAB"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(visits) == ["A", "A", "B", "B"]
