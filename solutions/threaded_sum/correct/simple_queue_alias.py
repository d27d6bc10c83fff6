"""`from queue import SimpleQueue as Q`: each thread has a queue of its own for its one answer."""

from queue import SimpleQueue as Q
from threading import Thread


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")

    def answer(chunk, mailbox):
        try:
            mailbox.put((sum_chunk(chunk), None))
        except BaseException as error:
            mailbox.put((None, error))

    count = min(n_threads, len(values))
    mailboxes = [Q() for _ in range(count)]
    threads = []
    for i, mailbox in enumerate(mailboxes):
        chunk = values[i * len(values) // count : (i + 1) * len(values) // count]
        threads.append(Thread(target=answer, args=(chunk, mailbox)))
    for thread in threads:
        thread.start()
    total, failed = 0, []
    for mailbox in mailboxes:
        part, error = mailbox.get()
        if error is None:
            total += part
        else:
            failed.append(error)
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return total
