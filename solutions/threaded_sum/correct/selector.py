"""Each thread reports through a socket; the caller waits for all of them with a selector."""

import selectors
import socket
import threading


def threaded_sum(values, n_threads, sum_chunk=sum):
    if isinstance(n_threads, bool) or not isinstance(n_threads, int):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    length = len(values)
    count = min(n_threads, length)
    sums, errors = {}, {}

    def work(i, out):
        with out:
            try:
                sums[i] = sum_chunk(values[i * length // count : (i + 1) * length // count])
            except BaseException as error:
                errors[i] = error

    threads = []
    with selectors.DefaultSelector() as selector:
        for i in range(count):
            here, there = socket.socketpair()
            selector.register(here, selectors.EVENT_READ)
            threads.append(threading.Thread(target=work, args=(i, there)))
        for thread in threads:
            thread.start()
        waiting = count
        while waiting:
            for key, _ in selector.select():
                assert key.fileobj.recv(1) == b""  # the thread has closed its end
                selector.unregister(key.fileobj)
                key.fileobj.close()
                waiting -= 1
    for thread in threads:
        thread.join()
    if errors:
        raise errors[min(errors)]
    return sum(sums[i] for i in range(count))
