"""A SimpleQueue with a single sentinel, which each thread passes on."""

from __future__ import annotations

import functools
import threading
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from queue import SimpleQueue
from urllib.parse import urljoin


@functools.cache
def _opener() -> urllib.request.OpenerDirector:
    """What opens URLs: directly, whatever proxies the environment names. Made on first use."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def http_get(url: str) -> bytes:
    """The body of the page at `url`. Comes with the exercise; leave it as it is.

    There is no time-out on purpose. A server may take as long as it likes, and the thread that
    called waits without using any CPU. How long that is must not change what your program does.

    Raises:
        OSError: no connection, or an answer that is not a page (`urllib.error.HTTPError`).
        ValueError: `url` is not a URL.
        http.client.HTTPException: the server does not speak HTTP, or broke off.
    """
    with _opener().open(url) as response:
        body: bytes = response.read()
    return body


@dataclass(frozen=True)
class Page:
    """A page with its parts. Comes with the exercise; leave it as it is.

    Attributes:
        url: the page's URL, as it was given.
        html: the page itself, as it came.
        parts: each part's absolute URL, in document order, and its bytes or its exception.
    """

    url: str
    html: bytes
    parts: dict[str, bytes | Exception]


END = object()


def _connections(value):
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no number of connections")
    if value <= 0:
        raise ValueError(f"{value} connections are too few")
    return value


def fetch_all(urls, max_connections=6, get=http_get):
    connections = _connections(max_connections)
    if not callable(get):
        raise TypeError("get cannot be called")
    given = list(urls)
    numbers = {}  # each URL and its place among the different ones
    for url in given:
        numbers.setdefault(url, len(numbers))
    slots = [None] * len(numbers)

    line = SimpleQueue()
    for pair in numbers.items():
        line.put(pair)
    line.put(END)  # a single one, which goes from hand to hand

    def work():
        while True:
            entry = line.get()
            if entry is END:
                line.put(END)
                return
            url, number = entry
            try:
                slots[number] = get(url)
            except Exception as error:
                slots[number] = error

    team = [threading.Thread(target=work) for _ in range(min(connections, len(numbers)))]
    for member in team:
        member.start()
    for member in team:
        member.join()
    return [slots[numbers[url]] for url in given]


class _Reader(HTMLParser):
    """Calls `part(address)` for each part that the page names."""

    def __init__(self, part):
        HTMLParser.__init__(self)
        self.part = part

    def handle_starttag(self, tag, attrs):
        def value(name):
            return next((v for n, v in attrs if n == name and v), "").strip()

        if tag == "img" or tag == "script":
            address = value("src")
        elif tag == "link" and value("rel").lower() == "stylesheet":
            address = value("href")
        else:
            return
        if address:
            self.part(address)


def fetch_page(url, max_connections=6, get=http_get):
    _connections(max_connections)
    if not callable(get):
        raise TypeError("get cannot be called")
    raw = get(url)
    parts = []

    def part(address):
        absolute = urljoin(url, address)
        if absolute not in parts:
            parts.append(absolute)

    _Reader(part).feed(str(raw, "utf-8", "replace"))
    return Page(url, raw, dict(zip(parts, fetch_all(parts, max_connections, get))))
