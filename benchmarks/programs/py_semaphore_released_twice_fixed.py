"""py_semaphore_released_twice with the permit given back in `finally` only."""

import threading

permits = threading.Semaphore(1)
inside = 0
errors = []


def work(job):
    global inside
    permits.acquire()
    try:
        if job is None:
            raise ValueError("no job")
        inside += 1
        assert inside == 1
        inside -= 1
    except ValueError as error:
        errors.append(error)
    finally:
        permits.release()


def scenario():
    """There is never more than one inside."""
    threads = [threading.Thread(target=work, args=(job,)) for job in (None, 1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == 1
