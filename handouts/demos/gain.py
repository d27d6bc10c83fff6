"""Threads that wait gain from each other always; threads that compute in Python, only without the global lock.

That waiting overlaps is proved: nobody gets past the barrier before all four are there. What computing gains is
measured, for interest: with the lock it is about 1, without it up to the number of cores.

Prints:
    waiting: all four chunks were under way at once, the sum is 499999500000
    computing, the global lock in force: ...
    four threads took 1/... of the time of one, the sum is 499999500000
"""

import sys
import threading
import time

VALUES = range(1_000_000)


def threaded_sum(count, sum_chunk):
    """The sum of the values, each chunk in a thread of its own."""
    sums = [0] * count
    size = len(VALUES) // count

    def work(number):
        sums[number] = sum_chunk(VALUES[number * size : (number + 1) * size])

    threads = [threading.Thread(target=work, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(sums)


def compute(chunk):
    total = 0
    for value in chunk:
        total += value
    return total


together = threading.Barrier(4)


def wait_and_sum(chunk):
    together.wait()  # as a network would let it wait; here it shows that all are here at once
    return sum(chunk)


print("waiting: all four chunks were under way at once, the sum is", threaded_sum(4, wait_and_sum))

print("computing, the global lock in force:", getattr(sys, "_is_gil_enabled", lambda: True)())
began = time.perf_counter()
threaded_sum(1, compute)
between = time.perf_counter()
total = threaded_sum(4, compute)
ratio = (between - began) / (time.perf_counter() - between)
print(f"four threads took 1/{ratio:.1f} of the time of one, the sum is {total}")
