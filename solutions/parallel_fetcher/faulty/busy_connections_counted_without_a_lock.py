# wrong: counts the busy connections up in the caller and down in the threads without a lock: a count that is lost is
#   a connection too many or one too few
# fails: test_no_connection_is_lost_or_won_whoever_is_first
# may fail: test_three_connections_stay_three_whoever_is_first

from __future__ import annotations

import functools
import threading
import urllib.request
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin


@functools.cache
def _opener():
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def http_get(url):
    with _opener().open(url) as response:
        return response.read()


@dataclass(frozen=True)
class Page:
    url: str
    html: bytes
    parts: dict


def check(max_connections):
    if not isinstance(max_connections, int):
        raise TypeError("max_connections must be an int")
    if max_connections < 1:
        raise ValueError("max_connections must be at least 1")


class Fetch:
    def __init__(self, max_connections, get):
        self.max_connections = max_connections
        self.get = get
        self.busy = 0
        self.one_is_free = threading.Event()
        self.items = {}

    def fetch(self, url):
        try:
            self.items[url] = self.get(url)
        except Exception as error:
            self.items[url] = error
        self.busy -= 1
        self.one_is_free.set()

    def all(self, urls):
        threads = []
        for url in dict.fromkeys(urls):
            while self.busy >= self.max_connections:
                self.one_is_free.wait()
                self.one_is_free.clear()
            self.busy += 1
            threads.append(threading.Thread(target=self.fetch, args=(url,)))
            threads[-1].start()
        for thread in threads:
            thread.join()
        return [self.items[url] for url in urls]


def fetch_all(urls, max_connections=6, get=http_get):
    check(max_connections)
    return Fetch(max_connections, get).all(urls)


def fetch_page(url, max_connections=6, get=http_get):
    check(max_connections)
    html = get(url)
    parts = find_parts(url, html)
    return Page(url, html, dict(zip(parts, fetch_all(parts, max_connections, get))))


class PartFinder(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag in ("img", "script") and attrs.get("src"):
            self.found.append(attrs["src"])
        if tag == "link" and attrs.get("rel") == "stylesheet" and attrs.get("href"):
            self.found.append(attrs["href"])


def find_parts(url, html):
    finder = PartFinder()
    finder.feed(html.decode("utf-8", "replace"))
    return list(dict.fromkeys(urljoin(url, part) for part in finder.found))
