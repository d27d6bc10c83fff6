"""A switch of user-level threads is a call of a function; one of kernel-level threads goes through the kernel.

The kernel counts its own switches. How many times dearer they are is measured, for interest: it differs from
machine to machine, and from run to run.

Prints:
    user level:   2000 switches, of which the kernel made few or none: True
    kernel level: 2000 switches, of which the kernel made many: True
    a switch through the kernel took ... times as long
"""

import resource
import threading
import time

import user_level

TURNS = 1000


def turns():
    for _ in range(TURNS):
        yield


def play(mine, other):
    """Takes turns with another thread: waits for its own lock, then gives the other one's back."""
    for _ in range(TURNS):
        mine.acquire()
        other.release()


def in_user_level_threads():
    user_level.run(turns(), turns())


def in_kernel_level_threads():
    ping, pong = threading.Semaphore(1), threading.Semaphore(0)
    team = [threading.Thread(target=play, args=pair) for pair in ((ping, pong), (pong, ping))]
    for member in team:
        member.start()
    for member in team:
        member.join()


def measured(function):
    """Seconds, and how often the kernel put a thread of ours to sleep meanwhile."""
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw, time.perf_counter()
    function()
    return time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw - before


user, by_kernel = measured(in_user_level_threads)
print(f"user level:   {2 * TURNS} switches, of which the kernel made few or none: {by_kernel < TURNS / 10}")
kernel, by_kernel = measured(in_kernel_level_threads)
print(f"kernel level: {2 * TURNS} switches, of which the kernel made many: {by_kernel > TURNS / 10}")
print(f"a switch through the kernel took {kernel / user:.0f} times as long")
