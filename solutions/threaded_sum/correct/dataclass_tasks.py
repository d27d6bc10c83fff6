"""A dataclass for each task, with an event that tells that it is done."""

import threading
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Task:
    chunk: Any
    sum_chunk: Any
    total: Any = 0
    error: BaseException | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def run(self):
        try:
            self.total = self.sum_chunk(self.chunk)
        except BaseException as error:
            self.error = error
        self.done.set()

    def result(self):
        self.done.wait()
        if self.error is not None:
            raise self.error
        return self.total


def threaded_sum(values, n_threads, sum_chunk=sum):
    if not isinstance(n_threads, int) or isinstance(n_threads, bool):
        raise TypeError("n_threads must be an int")
    if n_threads < 1:
        raise ValueError("n_threads must be at least 1")
    if not callable(sum_chunk):
        raise TypeError("sum_chunk must be callable")
    tasks = []
    start, length = 0, len(values)
    while start < length:
        left = min(n_threads, length) - len(tasks)
        stop = start + (length - start) // left
        tasks.append(Task(values[start:stop], sum_chunk))
        start = stop
    threads = [threading.Thread(target=task.run) for task in tasks]
    for thread in threads:
        thread.start()
    try:
        return sum([task.result() for task in tasks])
    finally:
        for thread in threads:
            thread.join()
