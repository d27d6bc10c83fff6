"""py_left_behind_waiter with the worker looking under the lock, and close() joining for as long as it takes."""

import threading


class Service:
    def __init__(self):
        self.changed = threading.Condition()
        self.closed = False
        self.thread = threading.Thread(target=self.run)

    def run(self):
        with self.changed:
            while not self.closed:
                self.changed.wait()

    def close(self):
        with self.changed:
            self.closed = True
            self.changed.notify_all()
        self.thread.join()


def scenario():
    """After close() nothing runs."""
    service = Service()
    service.thread.start()
    service.close()
