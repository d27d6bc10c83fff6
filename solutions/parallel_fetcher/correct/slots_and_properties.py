"""A class with slots whose property hands out the next URL, under a lock that it takes twice."""

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


class Job:
    __slots__ = ("_get", "_items", "_lock", "_urls")

    def __init__(self, urls, get):
        self._urls = list(dict.fromkeys(urls))
        self._get = get
        self._items = {}
        self._lock = threading.RLock()

    @property
    def waiting(self):
        with self._lock:
            return len(self._urls)

    @property
    def next_url(self):
        with self._lock:
            if self.waiting:
                return self._urls.pop(0)
            return None

    def run(self):
        while (url := self.next_url) is not None:
            try:
                item = self._get(url)
            except Exception as error:
                item = error
            with self._lock:
                self._items[url] = item

    def in_order(self, urls):
        return [self._items[url] for url in urls]


def fetch_all(urls, max_connections=6, get=http_get):
    check(max_connections)
    job = Job(urls, get)
    threads = [threading.Thread(target=job.run) for _ in range(min(max_connections, job.waiting))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return job.in_order(urls)


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
