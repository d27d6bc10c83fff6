"""`total += 1` is several steps: read, add, write back. Where a switch comes in between, an update is lost.

Prints:
    the steps: LOAD_GLOBAL ... STORE_GLOBAL
    two threads have added 1 each, and the total is 1
    with a lock it is 2
"""

import dis
import threading

total = 0
both_have_read = threading.Barrier(2)
guard = threading.Lock()


def add():
    global total
    total += 1


def add_slowly():
    """The same steps, with the switch where it hurts: every time, and not once in a million."""
    global total
    read = total
    both_have_read.wait()
    total = read + 1


def add_with_lock():
    global total
    with guard:
        read = total
        total = read + 1


def by_two_threads(function):
    global total
    total = 0
    team = [threading.Thread(target=function) for _ in range(2)]
    for member in team:
        member.start()
    for member in team:
        member.join()
    return total


names = [step.opname for step in dis.get_instructions(add) if step.argval == "total"]
print("the steps:", " ... ".join(names))
print("two threads have added 1 each, and the total is", by_two_threads(add_slowly))
print("with a lock it is", by_two_threads(add_with_lock))
