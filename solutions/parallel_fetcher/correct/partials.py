"""Functions of the module, bound to a call's own line and items with functools.partial."""

from __future__ import annotations

import functools
import urllib.request
from collections import deque
from dataclasses import dataclass
from functools import partial
from html.parser import HTMLParser
from threading import Thread
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


def fetch(get, items, url):
    try:
        items[url] = get(url)
    except Exception as error:
        items[url] = error


def connection(line, fetch_one):
    while True:
        try:
            url = line.popleft()
        except IndexError:
            return
        fetch_one(url)


def fetch_all(urls, max_connections=6, get=http_get):
    check(max_connections)
    line, items = deque(dict.fromkeys(urls)), {}
    work = partial(connection, line, partial(fetch, get, items))
    threads = [Thread(target=work) for _ in range(min(max_connections, len(line)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(map(items.__getitem__, urls))


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
