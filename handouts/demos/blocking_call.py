"""One blocking call stops all user-level threads of a process, and leaves kernel-level threads alone.

Prints:
    user level:   the other thread has taken 0 steps while one is in a blocking call
    kernel level: the other thread has taken 3 steps while one is in a blocking call
"""

import os
import threading

import user_level


def reader(pipe):
    """A user-level thread that makes a blocking call: it waits for a byte."""
    os.read(pipe, 1)
    yield


def counter(steps):
    """Another one, that would like to count to three meanwhile."""
    for step in range(3):
        steps.append(step)
        yield


def is_asleep(thread):
    """Whether the kernel has put a thread to sleep."""
    with open(f"/proc/self/task/{thread.native_id}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] == "S"


def start(*generators):
    """Runs each of them on a kernel-level thread of its own."""
    team = [threading.Thread(target=user_level.run, args=[each]) for each in generators]
    for member in team:
        member.start()
    return team


# All user-level threads on one kernel thread: while it sleeps in `read`, nothing of the library runs.
steps, (read, write) = [], os.pipe()
library = threading.Thread(target=user_level.run, args=(reader(read), counter(steps)))
library.start()
while not is_asleep(library):
    os.sched_yield()
print(f"user level:   the other thread has taken {len(steps)} steps while one is in a blocking call")
os.write(write, b"!")
library.join()

# Each on a kernel thread of its own: the other one comes to its end while the reader still waits.
steps, (read, write) = [], os.pipe()
waits, counts = start(reader(read), counter(steps))
counts.join()
print(f"kernel level: the other thread has taken {len(steps)} steps while one is in a blocking call")
os.write(write, b"!")
waits.join()
