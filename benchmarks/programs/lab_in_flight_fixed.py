"""lab_in_flight with a lock around the counting."""

import threading


class Fetcher:
    def __init__(self):
        self.lock = threading.Lock()
        self.active = 0
        self.bodies = []

    def change(self, amount):
        with self.lock:
            self.active += amount

    def fetch(self, url):
        self.change(1)
        self.bodies.append(url)
        self.change(-1)


def scenario():
    """In the end nothing is in flight."""
    fetcher = Fetcher()
    threads = [threading.Thread(target=fetcher.fetch, args=(url,)) for url in ("/a", "/b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fetcher.active == 0
