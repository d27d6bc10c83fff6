"""py_barrier_parties with a barrier for as many parties as there are threads."""

import threading

N = 2
crew = []
parts = [None] * N
made = threading.Event()
barrier = None


def work(me):
    crew.append(me)
    made.wait()
    parts[me] = me * 10
    barrier.wait()
    assert None not in parts


def scenario():
    """Behind the barrier all parts are there."""
    global barrier
    threads = [threading.Thread(target=work, args=(me,)) for me in range(N)]
    for thread in threads:
        thread.start()
    barrier = threading.Barrier(N)
    made.set()
    for thread in threads:
        thread.join()
