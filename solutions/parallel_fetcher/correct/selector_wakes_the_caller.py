"""Threads report over a socket pair; the caller waits in a selector and starts the next one."""

from __future__ import annotations

import functools
import selectors
import socket
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


def fetch_all(urls, max_connections=6, get=http_get):
    check(max_connections)
    distinct = list(dict.fromkeys(urls))
    items = [None] * len(distinct)
    here, there = socket.socketpair()
    threads = {}

    def fetch(number):
        try:
            items[number] = get(distinct[number])
        except Exception as error:
            items[number] = error
        there.sendall(number.to_bytes(4, "big"))

    with here, there, selectors.DefaultSelector() as selector:
        selector.register(here, selectors.EVENT_READ)
        number = 0
        while number < len(distinct) or threads:
            while number < len(distinct) and len(threads) < max_connections:
                threads[number] = threading.Thread(target=fetch, args=(number,))
                threads[number].start()
                number += 1
            selector.select()
            threads.pop(int.from_bytes(here.recv(4, socket.MSG_WAITALL), "big")).join()
    by_url = dict(zip(distinct, items))
    return [by_url[url] for url in urls]


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
