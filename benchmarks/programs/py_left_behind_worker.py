"""A worker waits on a queue: stop() puts the sentinel only if the worker has said that it runs."""
# bug: left behind
import queue
import threading


class Service:
    def __init__(self):
        self.jobs = queue.Queue()
        self.running = False
        self.thread = threading.Thread(target=self.run, daemon=False)

    def start(self):
        self.thread.start()

    def run(self):
        self.running = True
        while self.jobs.get() is not None:
            pass
        self.running = False

    def stop(self):
        if self.running:
            self.jobs.put(None)
            self.thread.join()


def scenario():
    """After stop() nothing runs."""
    service = Service()
    service.start()
    service.stop()
