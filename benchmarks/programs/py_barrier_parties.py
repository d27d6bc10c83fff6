"""A Barrier for as many parties as have reported so far, not for as many as there are: some pass it alone."""
# bug: assertion
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
    barrier = threading.Barrier(max(1, len(crew)))
    made.set()
    for thread in threads:
        thread.join()
