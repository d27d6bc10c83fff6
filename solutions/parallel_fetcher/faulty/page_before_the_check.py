# wrong: fetch_page fetches the page, in a thread, before it looks at max_connections
# fails: test_bad_max_connections_start_nothing

"""Load a page as a browser does: the page first, then its parts over several connections at once."""

from __future__ import annotations

import functools
import threading
import urllib.request
from collections import deque
from collections.abc import Callable, Sequence
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
    if isinstance(max_connections, bool) or not isinstance(max_connections, int) or not callable(get):
        raise TypeError(f"cannot work with max_connections={max_connections!r} and get={get!r}")
    if max_connections < 1:
        raise ValueError(f"no page comes over {max_connections} connections")


def fetch_all(urls, max_connections=6, get=http_get):
    _check(max_connections, get)
    urls = list(urls)
    line = deque(dict.fromkeys(urls))
    items = {}

    def connection():
        while True:
            try:
                url = line.popleft()
            except IndexError:
                return
            try:
                items[url] = get(url)
            except Exception as error:
                items[url] = error

    threads = [threading.Thread(target=connection) for _ in range(min(max_connections, len(line)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [items[url] for url in urls]


def fetch_page(url, max_connections=6, get=http_get):
    [page] = fetch_all([url], 1, get)
    if isinstance(page, Exception):
        raise page
    parts = {}

    class Finder(HTMLParser):
        def handle_starttag(self, tag, attrs):
            seen = {}
            for name, value in attrs:
                seen.setdefault(name, (value or "").strip())
            if tag in {"img", "script"} and seen.get("src"):
                parts[urljoin(url, seen["src"])] = None
            if tag == "link" and seen.get("rel", "").lower() == "stylesheet" and seen.get("href"):
                parts[urljoin(url, seen["href"])] = None

    Finder().feed(page.decode("utf-8", "replace"))
    parts.update(zip(list(parts), fetch_all(list(parts), max_connections, get)))
    return Page(url, page, parts)
