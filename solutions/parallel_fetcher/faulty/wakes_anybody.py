# wrong: has the caller and the idle connections wait on one condition and wakes one of them when the last item has
#   come, which may be the wrong one
# fails: test_two_connections_and_two_urls_whoever_is_first
# may fail: test_no_connection_is_lost_or_won_whoever_is_first, test_three_connections_stay_three_whoever_is_first,
#   test_two_failures_at_the_same_time, test_a_duplicate_is_fetched_once_whoever_is_first,
#   test_two_pages_at_the_same_time_do_not_meet, test_one_connection_keeps_the_order_whoever_is_first

from __future__ import annotations

import functools
import urllib.request
from collections import deque
from dataclasses import dataclass
from html.parser import HTMLParser
from threading import Condition, Thread
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
    line = deque()
    complete = False
    changed = Condition()
    items = {}

    def connection():
        while True:
            with changed:
                while not line and not complete:
                    changed.wait()
                if not line:
                    return
                url = line.popleft()
            try:
                item = get(url)
            except Exception as error:
                item = error
            with changed:
                items[url] = item
                if len(items) == len(distinct):
                    changed.notify()

    threads = [Thread(target=connection) for _ in range(min(max_connections, len(distinct)))]
    for thread in threads:
        thread.start()
    with changed:
        line.extend(distinct)
        changed.notify_all()
    with changed:
        while len(items) < len(distinct):
            changed.wait()
        complete = True
        changed.notify_all()
    for thread in threads:
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
