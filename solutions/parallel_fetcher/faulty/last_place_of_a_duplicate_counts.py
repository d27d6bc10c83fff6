# wrong: a URL that is given twice is fetched where it stands last, not first
# fails: test_one_connection_takes_the_urls_in_order
from __future__ import annotations

import functools
import queue
import urllib.request
from dataclasses import dataclass
from html.parser import HTMLParser
from threading import Thread
from urllib.parse import urljoin


@functools.cache
def _opener() -> urllib.request.OpenerDirector:
    """What opens URLs: directly, whatever proxies the environment names. Made on first use."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def http_get(url: str) -> bytes:
    """The body of the page at `url`. Comes with the exercise; leave it as it is."""
    with _opener().open(url) as response:
        body: bytes = response.read()
    return body


@dataclass(frozen=True)
class Page:
    """A page with its parts. Comes with the exercise; leave it as it is."""

    url: str
    html: bytes
    parts: dict[str, bytes | Exception]


def check(max_connections, get):
    if isinstance(max_connections, bool) or not isinstance(max_connections, int):
        raise TypeError("max_connections must be an int")
    if max_connections < 1:
        raise ValueError("max_connections must be at least 1")
    if not callable(get):
        raise TypeError("get must be callable")


def fetch_all(urls, max_connections=6, get=http_get):
    check(max_connections, get)
    jobs = queue.Queue()
    outbox = queue.Queue()
    unique = list(dict.fromkeys(reversed(urls)))
    unique.reverse()
    for url in unique:
        jobs.put(url)

    def connection():
        while True:
            try:
                url = jobs.get_nowait()
            except queue.Empty:
                return
            try:
                outbox.put((url, get(url)))
            except BaseException as problem:
                outbox.put((url, problem))
            finally:
                jobs.task_done()

    crew = [Thread(target=connection) for _ in range(min(max_connections, len(unique)))]
    for c in crew:
        c.start()
    jobs.join()
    for c in crew:
        c.join()
    by_url = {}
    while not outbox.empty():
        url, answer = outbox.get()
        by_url[url] = answer
    return [by_url[url] for url in urls]


class _Parts(HTMLParser):
    def __init__(self, page_url):
        super().__init__(convert_charrefs=True)
        self._page_url = page_url
        self.urls = dict()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs[::-1])
        match tag:
            case "img" | "script":
                self._part(attrs.get("src"))
            case "link" if attrs.get("rel"):
                if any(word == "stylesheet" for word in attrs["rel"].lower().split()):
                    self._part(attrs.get("href"))

    def _part(self, reference):
        reference = (reference or "").strip()
        if reference:
            try:
                self.urls[urljoin(self._page_url, reference)] = None
            except ValueError:
                self.urls[reference] = None


def fetch_page(url, max_connections=6, get=http_get):
    check(max_connections, get)
    page = get(url)
    parser = _Parts(url)
    parser.feed(str(page, "utf-8", "replace"))
    parser.close()
    parts = parser.urls
    for part, item in zip(list(parts), fetch_all(list(parts), max_connections, get)):
        parts[part] = item
    return Page(url, page, parts)
