"""A set of futures that is filled up again whenever one of them is done."""

from __future__ import annotations

import functools
import urllib.request
from concurrent import futures
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


def fetch_all(urls, max_connections=6, get=http_get):
    check(max_connections)
    todo = iter(dict.fromkeys(urls))
    items = {}
    flying = {}
    pool = futures.ThreadPoolExecutor(max_connections)
    try:
        while True:
            while len(flying) < max_connections:
                url = next(todo, None)
                if url is None:
                    break
                flying[pool.submit(get, url)] = url
            if not flying:
                break
            done, _ = futures.wait(flying, return_when=futures.FIRST_COMPLETED)
            for future in done:
                error = future.exception()
                items[flying.pop(future)] = future.result() if error is None else error
    finally:
        pool.shutdown(wait=True)
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
