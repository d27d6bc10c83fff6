"""As many permits as threads: nobody ever waits for one, but the caller gets them all back in the end."""

import threading


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    length = len(values)
    count = min(n_threads, length)
    permits = threading.BoundedSemaphore(count) if count else None
    lock = threading.Lock()
    total = 0
    errors = []

    def work(number, chunk):
        nonlocal total
        try:
            part = sum_chunk(chunk)
            with lock:
                total += part
        except BaseException as error:
            with lock:
                errors.append((number, error))
        finally:
            permits.release()

    threads = []
    for number in range(count):
        chunk = values[number * length // count : (number + 1) * length // count]
        threads.append(threading.Thread(target=work, args=(number, chunk)))
    for thread in threads:
        permits.acquire()
        thread.start()
    for _ in threads:
        permits.acquire()
    for thread in threads:
        thread.join()
    if errors:
        raise min(errors, key=lambda failure: failure[0])[1]
    return total
