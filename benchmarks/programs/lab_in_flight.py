"""Threadlab's parallel_fetcher, small: requests in flight are counted by `self.active += 1`, without a lock."""
# bug: assertion
import threading


class Fetcher:
    def __init__(self):
        self.lock = threading.Lock()
        self.active = 0
        self.bodies = []

    def change(self, amount):
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
