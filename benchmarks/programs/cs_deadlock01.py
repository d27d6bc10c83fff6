"""SCTBench CS.deadlock01: two threads take the same two locks, each in its own order."""
# bug: deadlock
import threading

a = threading.Lock()
b = threading.Lock()
counter = 1


def up():
    global counter
    with a:
        with b:
            counter += 1


def down():
    global counter
    with b:
        with a:
            counter -= 1


def scenario():
    """Both come to an end, and the counter is where it was."""
    threads = [threading.Thread(target=target) for target in (up, down)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter == 1
