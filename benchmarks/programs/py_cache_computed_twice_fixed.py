"""py_cache_computed_twice with the look-up and the computing under one lock."""

import threading

lock = threading.Lock()
cache = {}
computed = []


def compute(key):
    computed.append(key)
    return key * key


def get(key):
    with lock:
        if key not in cache:
            cache[key] = compute(key)
        return cache[key]


def ask(key):
    assert get(key) == key * key


def scenario():
    """No value is computed twice."""
    threads = [threading.Thread(target=ask, args=(key,)) for key in (3, 3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(computed) == [3, 4]
