"""py_lock_taken_twice with an RLock."""

import threading


class Box:
    def __init__(self):
        self.lock = threading.RLock()
        self.items = []
        self.sent = []

    def send(self):
        with self.lock:
            self.sent += self.items
            self.items = []

    def add(self, item):
        with self.lock:
            self.items.append(item)
            if len(self.items) >= 2:
                self.send()


def scenario():
    """Everything that was added is sent at the end."""
    box = Box()
    threads = [threading.Thread(target=box.add, args=(1,)), threading.Thread(target=box.send)]
    threads.append(threading.Thread(target=box.add, args=(2,)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    box.send()
    assert sorted(box.sent) == [1, 2]
