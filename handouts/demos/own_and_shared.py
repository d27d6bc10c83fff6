"""Local variables belong to a call, and so to one thread; what two threads reach by the same name is shared.

Prints:
    local variables: [1, 1]
    a variable of the enclosing function: 2
    attributes of a threading.local: [1, 1], and in the main thread none
"""

import threading

guard = threading.Lock()
counted, in_local = [], []
kept = threading.local()


def demonstrate():
    shared = 0

    def run():
        nonlocal shared
        mine = 0
        mine += 1
        kept.value = getattr(kept, "value", 0) + 1
        with guard:
            shared += 1
            counted.append(mine)
            in_local.append(kept.value)

    team = [threading.Thread(target=run) for _ in range(2)]
    for member in team:
        member.start()
    for member in team:
        member.join()
    return shared


shared = demonstrate()
print("local variables:", counted)
print("a variable of the enclosing function:", shared)
print(f"attributes of a threading.local: {in_local}, and in the main thread {getattr(kept, 'value', 'none')}")
