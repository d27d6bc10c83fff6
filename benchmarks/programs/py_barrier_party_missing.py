"""A Barrier for three, but a thread that finds its input missing returns before it: the others wait for ever."""
# bug: deadlock
import threading

barrier = threading.Barrier(3)
settings = {}
results = []


def load():
    settings["size"] = 3
    barrier.wait()


def work():
    size = settings.get("size")
    if size is None:
        return
    results.append(size)
    barrier.wait()


def scenario():
    """All three come to an end, with their input or without."""
    threads = [threading.Thread(target=target) for target in (load, work, work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(size == 3 for size in results)
