"""A new thread for each URL; the caller waits on a condition while too many are in flight."""

from __future__ import annotations

import functools
import urllib.request
from dataclasses import dataclass
from html.parser import HTMLParser
from threading import Condition, Thread
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
    """One call of fetch_all: what it has, and how many of its calls of get are in flight."""

    def __init__(self, max_connections, get):
        self.max_connections = max_connections
        self.get = get
        self.changed = Condition()
        self.in_flight = 0
        self.items = {}

    def one(self, url):
        try:
            item = self.get(url)
        except Exception as error:
            item = error
        with self.changed:
            self.items[url] = item
            self.in_flight -= 1
            self.changed.notify()

    def all(self, urls):
        threads = []
        for url in urls:
            if url in [thread.name for thread in threads]:
                continue
            with self.changed:
                while self.in_flight >= self.max_connections:
                    self.changed.wait()
                self.in_flight += 1
            thread = Thread(target=self.one, args=[url], name=url)
            thread.start()
            threads.append(thread)
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
