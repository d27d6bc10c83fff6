"""A worker looks whether it is to end, then waits: the notify of close() comes between, and its join() times out."""
# bug: left behind
import threading


class Service:
    def __init__(self):
        self.changed = threading.Condition()
        self.closed = False
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.closed:
            with self.changed:
                self.changed.wait()

    def close(self):
        with self.changed:
            self.closed = True
            self.changed.notify_all()
        self.thread.join(timeout=1)


def scenario():
    """After close() nothing runs."""
    service = Service()
    service.thread.start()
    service.close()
