"""py_started_before_attribute with the thread started when everything is set."""

import queue
import threading


class Worker(threading.Thread):
    def __init__(self):
        super().__init__()
        self.inbox = queue.Queue()
        self.answer = None
        self.factor = 2
        self.start()
        self.inbox.put(5)

    def run(self):
        number = self.inbox.get()
        self.answer = number * self.factor


def scenario():
    """The worker answers."""
    worker = Worker()
    worker.join()
    assert worker.answer == 10
