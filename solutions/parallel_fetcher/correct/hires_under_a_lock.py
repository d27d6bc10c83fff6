"""Each thread that takes a URL hires the next one, while there are URLs and too few threads."""

from __future__ import annotations

import functools
import urllib.request
from dataclasses import dataclass
from html.parser import HTMLParser
from threading import Lock, Thread
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


def fetch_all(urls, max_connections=6, get=http_get):
    check(max_connections)
    todo = list(dict.fromkeys(urls))
    crew = []
    lock = Lock()
    items = {}

    def hire():
        thread = Thread(target=connection)
        thread.start()
        crew.append(thread)

    def take():
        with lock:
            if not todo:
                return None
            url = todo.pop(0)
            if todo and len(crew) < max_connections:
                hire()
            return url

    def connection():
        while (url := take()) is not None:
            try:
                items[url] = get(url)
            except Exception as error:
                items[url] = error

    with lock:
        if todo:
            hire()
    # A thread hires before it ends: whoever is hired stands behind the one that is joined.
    for thread in crew:
        thread.join()
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
