"""lab_fetcher_line with the look and the pop under one lock."""

import threading

lock = threading.Lock()
line = ["/a", "/b", "/c"]
pages = {}


def take():
    with lock:
        if line:
            return line.pop(0)
    return None


def fetch():
    while (url := take()) is not None:
        pages[url] = f"page {url}"


def scenario():
    """Every URL is fetched, and both threads come to an end."""
    threads = [threading.Thread(target=fetch) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(pages) == ["/a", "/b", "/c"]
