"""A queue written by hand with a condition; threads go through it until it is closed."""

from __future__ import annotations

import functools
import urllib.request
from collections import deque
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


class Channel:
    def __init__(self):
        self.content = deque()
        self.closed = False
        self.changed = Condition()

    def put(self, thing):
        with self.changed:
            self.content.append(thing)
            self.changed.notify()

    def close(self):
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def __iter__(self):
        while True:
            with self.changed:
                while not self.content and not self.closed:
                    self.changed.wait()
                if not self.content:
                    return
                thing = self.content.popleft()
            yield thing


def fetch_all(urls, max_connections=6, get=http_get):
    check(max_connections)
    distinct = list(dict.fromkeys(urls))
    todo, done = Channel(), Channel()

    def connection():
        for url in todo:
            try:
                item = get(url)
            except Exception as error:
                item = error
            done.put((url, item))

    threads = [Thread(target=connection) for _ in range(min(max_connections, len(distinct)))]
    for thread in threads:
        thread.start()
    for url in distinct:
        todo.put(url)
    todo.close()
    for thread in threads:
        thread.join()
    done.close()
    items = dict(done)
    return [items[url] for url in urls]


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
