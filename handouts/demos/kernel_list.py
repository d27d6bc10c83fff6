"""The kernel has a list of a process's threads, and Python's threads are in it. Linux shows it as /proc/self/task.

Prints:
    before: 1 thread
    with three more: 4 threads, each of them in the kernel's list: True
    after: 1 thread
"""

import os
import threading


def listed():
    return set(map(int, os.listdir("/proc/self/task")))


def wait():
    started.wait()
    gate.wait()


print("before:", len(listed()), "thread")
started, gate = threading.Barrier(4), threading.Event()
team = [threading.Thread(target=wait) for _ in range(3)]
for member in team:
    member.start()
started.wait()
known = {member.native_id for member in team}
print(f"with three more: {len(listed())} threads, each of them in the kernel's list: {known <= listed()}")
gate.set()
for member in team:
    member.join()
while len(listed()) > 1:  # the kernel takes a moment to strike out a thread that Python has joined
    os.sched_yield()
print("after:", len(listed()), "thread")
