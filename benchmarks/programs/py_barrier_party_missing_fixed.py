"""py_barrier_party_missing with the barrier passed in any case."""

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
        barrier.wait()
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
