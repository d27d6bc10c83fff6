"""Python classic: a Thread subclass starts itself in __init__, before the attribute that run() needs is set."""
# bug: exception
import queue
import threading


class Worker(threading.Thread):
    def __init__(self):
        super().__init__()
        self.inbox = queue.Queue()
        self.answer = None
        self.start()
        self.inbox.put(5)
        self.factor = 2

    def run(self):
        number = self.inbox.get()
        self.answer = number * self.factor


def scenario():
    """The worker answers."""
    worker = Worker()
    worker.join()
    assert worker.answer == 10
