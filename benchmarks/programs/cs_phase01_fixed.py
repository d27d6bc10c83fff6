"""cs_phase01 with the same order of locks in both phases."""

import threading

x = threading.Lock()
y = threading.Lock()
phases = []


def work(me):
    with x:
        with y:
            phases.append((me, 1))
    with x:
        with y:
            phases.append((me, 2))


def scenario():
    """Both threads go through both phases."""
    threads = [threading.Thread(target=work, args=(me,)) for me in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(phases) == [(0, 1), (0, 2), (1, 1), (1, 2)]
