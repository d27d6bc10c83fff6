"""Load a page as a browser does: the page first, then its parts over several connections at once.

Every connection is a thread that takes the next URL from one common line until the line is empty.
That alone gives the whole contract: as many threads as connections keep the limit, a thread that
is done with one URL goes on with the next without asking anybody, and a line keeps its order.
"""

from __future__ import annotations

import functools
import urllib.request
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from threading import Thread
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


def fetch_all(
    urls: Sequence[str],
    max_connections: int = 6,
    get: Callable[[str], bytes] = http_get,
) -> list[bytes | Exception]:
    """Fetches all `urls` over at most `max_connections` connections at once.

    Returns one item for each URL, in the order given: the bytes, or the exception that `get`
    raised for it.

    Raises:
        ValueError: `max_connections` is below 1.
        TypeError: `max_connections` is not an `int`.
    """
    _check_connections(max_connections)
    # Each URL once, in the order given. A deque's popleft() is atomic: no two threads get the same.
    line = deque(dict.fromkeys(urls))
    # Each URL is taken by one thread, so each key is written once, and read after the joins.
    items: dict[str, bytes | Exception] = {}

    def connection() -> None:
        while True:
            # Only popleft() in this `try`: get() may raise an IndexError of its own.
            try:
                url = line.popleft()
            except IndexError:
                return
            try:
                items[url] = get(url)
            except Exception as error:
                items[url] = error

    # The number is fixed before the first thread starts to shorten the line.
    threads = [Thread(target=connection) for _ in range(min(max_connections, len(line)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [items[url] for url in urls]


def fetch_page(
    url: str,
    max_connections: int = 6,
    get: Callable[[str], bytes] = http_get,
) -> Page:
    """Fetches the page at `url`, then its parts with `fetch_all`.

    Raises:
        Exception: what `get` raised for the page itself.
        ValueError: `max_connections` is below 1.
        TypeError: `max_connections` is not an `int`.
    """
    _check_connections(max_connections)
    html = get(url)
    finder = _PartFinder(url)
    # A byte that is not UTF-8 spoils one letter, and must not cost us the page.
    finder.feed(html.decode("utf-8", errors="replace"))
    finder.close()
    addresses = list(dict.fromkeys(finder.addresses))
    items = fetch_all(addresses, max_connections, get)
    return Page(url, html, dict(zip(addresses, items, strict=True)))


def _check_connections(max_connections: int) -> None:
    if not isinstance(max_connections, int):
        raise TypeError("max_connections must be an int")
    if max_connections < 1:
        raise ValueError("max_connections must be at least 1")


class _PartFinder(HTMLParser):
    """Collects the absolute URLs of a page's parts in `addresses`, in document order."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag in ("img", "script"):
            address = attributes.get("src")
        elif tag == "link" and "stylesheet" in (attributes.get("rel") or "").lower().split():
            address = attributes.get("href")
        else:
            return
        if address:
            self.addresses.append(urljoin(self.base, address))
