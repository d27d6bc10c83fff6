# wrong: in parts, those that failed stand behind all others
# fails: test_a_failed_part_has_its_exception_in_parts

"""Load a page as a browser does: the page first, then its parts over several connections at once."""

from __future__ import annotations

import functools
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html.parser import HTMLParser
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


def _check(max_connections, get) -> None:
    if not isinstance(max_connections, int):
        raise TypeError("max_connections must be an int")
    if max_connections < 1:
        raise ValueError("max_connections must be at least 1")
    if not callable(get):
        raise TypeError("get must be callable")


def fetch_all(urls, max_connections=6, get=http_get):
    _check(max_connections, get)
    urls = list(urls)
    if not urls:
        return []
    items = {}

    def visit(url):
        try:
            items[url] = get(url)
        except Exception as error:
            items[url] = error

    distinct = list(dict.fromkeys(urls))
    with ThreadPoolExecutor(min(max_connections, len(distinct))) as pool:
        for url in distinct:
            pool.submit(visit, url)
    return [items[url] for url in urls]


class _Finder(HTMLParser):
    def __init__(self, base):
        super().__init__()
        self.base = base
        self.found = {}

    def handle_starttag(self, tag, attrs):
        values = dict(reversed(attrs))
        source = None
        if tag in ("img", "script"):
            source = values.get("src")
        elif tag == "link" and (values.get("rel") or "").lower() == "stylesheet":
            source = values.get("href")
        if source:
            self.found[urljoin(self.base, source.strip())] = True


def fetch_page(url, max_connections=6, get=http_get):
    _check(max_connections, get)
    body = get(url)
    finder = _Finder(url)
    finder.feed(body.decode("utf-8", errors="replace"))
    addresses = list(finder.found)
    good, bad = {}, {}
    for address, item in zip(addresses, fetch_all(addresses, max_connections, get)):
        (bad if isinstance(item, Exception) else good)[address] = item
    return Page(url, body, {**good, **bad})
