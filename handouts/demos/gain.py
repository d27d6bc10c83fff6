"""Threads that wait gain from each other always; threads that compute in Python, only without the global lock.

That waiting overlaps is proved: nobody gets past the barrier before all four are there. What computing gains is
measured, for interest: with the lock it is about 1, without it up to the number of cores.

Prints:
    waiting: all four quarters were under way at once, the sum is 499999500000
    computing, the global lock in force: ...
    four threads took 1/... of the time of one, the sum is 499999500000
"""

import sys
import threading
import time

QUARTERS = [range(start, start + 250_000) for start in (0, 250_000, 500_000, 750_000)]


def by_threads(groups, add_up):
    """What `add_up` makes of some groups of quarters, each group in a thread of its own, put together."""
    found = []
    team = [threading.Thread(target=lambda group=group: found.append(add_up(group))) for group in groups]
    for member in team:
        member.start()
    for member in team:
        member.join()
    return sum(found)


def compute(group):
    total = 0
    for quarter in group:
        for value in quarter:
            total += value
    return total


together = threading.Barrier(4)


def wait_and_add(group):
    together.wait()  # as a network would let it wait; here it shows that all are here at once
    return compute(group)


print(
    "waiting: all four quarters were under way at once, the sum is",
    by_threads([[quarter] for quarter in QUARTERS], wait_and_add),
)

print("computing, the global lock in force:", getattr(sys, "_is_gil_enabled", lambda: True)())
began = time.perf_counter()
by_threads([QUARTERS], compute)
between = time.perf_counter()
total = by_threads([[quarter] for quarter in QUARTERS], compute)
ratio = (between - began) / (time.perf_counter() - between)
print(f"four threads took 1/{ratio:.1f} of the time of one, the sum is {total}")
