"""All threads and the caller meet at a barrier when the chunks are summed; the threads are joined behind it."""

from threading import Barrier, Thread


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    count = min(n_threads, len(values))
    sums = [0] * count
    errors = [None] * count
    goal = Barrier(count + 1)

    def work(i):
        try:
            sums[i] = sum_chunk(values[i * len(values) // count : (i + 1) * len(values) // count])
        except BaseException as error:
            errors[i] = error
        goal.wait()

    threads = [Thread(target=work, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    goal.wait()
    for thread in threads:
        thread.join()
    for error in errors:
        if error is not None:
            raise error
    return sum(sums)
