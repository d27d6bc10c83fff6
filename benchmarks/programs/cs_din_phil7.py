"""SCTBench CS.din_phil7 without its atomic blocks: 7 philosophers, each takes the fork on one side first."""
# bug: deadlock
import threading

N = 7
forks = [threading.Lock() for _ in range(N)]
meals = [0] * N


def dine(me):
    left, right = me, (me + 1) % N
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
