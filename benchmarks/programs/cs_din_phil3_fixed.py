"""cs_din_phil3 with each philosopher taking the fork with the lower number first."""

import threading

N = 3
forks = [threading.Lock() for _ in range(N)]
meals = [0] * N


def dine(me):
    left, right = sorted((me, (me + 1) % N), reverse=True)
    with forks[right]:
        with forks[left]:
            meals[me] += 1


def scenario():
    """Every philosopher eats."""
    threads = [threading.Thread(target=dine, args=(me,)) for me in range(N)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert meals == [1] * N
