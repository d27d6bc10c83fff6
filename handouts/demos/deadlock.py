"""Two threads, two locks, taken in opposite order: each holds what the other one waits for.

Each thread tries to take its second lock without waiting, or it would wait for ever.

Prints:
    opposite order: the second lock could be had by 0 of 2 threads
    same order:     the second lock could be had by 2 of 2 threads
"""

import threading


def second_locks(orders):
    """How many of the threads get their second lock. Each goes on once every other one holds its first, or waits."""
    got = []
    firsts = {id(first) for first, _ in orders}
    ready = threading.Barrier(len(firsts))

    def run(first, second):
        with first:
            if len(firsts) > 1:
                ready.wait()  # each holds one lock now
            took = second.acquire(blocking=False)
            got.append(took)
            if len(firsts) > 1:
                ready.wait()  # nobody gives anything back before both have tried
            if took:
                second.release()

    team = [threading.Thread(target=run, args=order) for order in orders]
    for member in team:
        member.start()
    for member in team:
        member.join()
    return sum(got)


left, right = threading.Lock(), threading.Lock()
for name, orders in [("opposite order:", [(left, right), (right, left)]), ("same order:    ", [(left, right)] * 2)]:
    print(f"{name} the second lock could be had by {second_locks(orders)} of 2 threads")
