# wrong: waits three seconds for each connection, and takes what has not come by then for failed
# fails: test_a_page_of_a_minute_is_waited_for
# may fail: test_returns_only_after_every_thread_has_ended,
#   test_items_keep_their_order_when_the_last_url_is_first_to_finish
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
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))

def http_get(url: str) -> bytes:
    with _opener().open(url) as response:
        body: bytes = response.read()
    return body

@dataclass(frozen=True)
class Page:
    url: str
    html: bytes
    parts: dict[str, bytes | Exception]

def fetch_all(urls: Sequence[str], max_connections: int=6, get: Callable[[str], bytes]=http_get) -> list[bytes | Exception]:
    _check_connections(max_connections)
    line = deque(dict.fromkeys(urls))
    items: dict[str, bytes | Exception] = {}

    def connection() -> None:
        while True:
            try:
                url = line.popleft()
            except IndexError:
                return
            try:
                items[url] = get(url)
            except Exception as error:
                items[url] = error
    threads = [Thread(target=connection) for _ in range(min(max_connections, len(line)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(3)
    late = TimeoutError('the page did not come')
    return [items.get(url, late) for url in urls]

def fetch_page(url: str, max_connections: int=6, get: Callable[[str], bytes]=http_get) -> Page:
    _check_connections(max_connections)
    html = get(url)
    finder = _PartFinder(url)
    finder.feed(html.decode('utf-8', errors='replace'))
    finder.close()
    addresses = list(dict.fromkeys(finder.addresses))
    items = fetch_all(addresses, max_connections, get)
    return Page(url, html, dict(zip(addresses, items, strict=True)))

def _check_connections(max_connections: int) -> None:
    if not isinstance(max_connections, int):
        raise TypeError('max_connections must be an int')
    if max_connections < 1:
        raise ValueError('max_connections must be at least 1')

class _PartFinder(HTMLParser):

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag in ('img', 'script'):
            address = attributes.get('src')
        elif tag == 'link' and 'stylesheet' in (attributes.get('rel') or '').lower().split():
            address = attributes.get('href')
        else:
            return
        if address:
            self.addresses.append(urljoin(self.base, address))
