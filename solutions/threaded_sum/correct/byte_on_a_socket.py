"""Each thread sends one byte to the caller when its sum is stored; all share one pair of sockets."""

import socket
from threading import Thread


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    length = len(values)
    count = min(n_threads, length)
    sums = [0] * count
    errors = [None] * count
    here, there = socket.socketpair()

    def work(i, chunk):
        try:
            sums[i] = sum_chunk(chunk)
        except BaseException as error:
            errors[i] = error
        there.sendall(b".")

    threads = []
    for i in range(count):
        chunk = values[i * length // count : (i + 1) * length // count]
        threads.append(Thread(target=work, args=(i, chunk)))
    with here, there:
        for thread in threads:
            thread.start()
        come = 0
        while come < count:
            come += len(here.recv(count - come))
        for thread in threads:
            thread.join()
    for error in errors:
        if error is not None:
            raise error
    return sum(sums)
