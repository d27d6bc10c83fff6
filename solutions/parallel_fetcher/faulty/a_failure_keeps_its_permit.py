# wrong: does not release the semaphore when get raises, so that each failure costs a connection
# fails: test_exceptions_of_several_classes_are_items, test_exceptions_that_also_end_loops_are_items,
#   test_duplicates_share_what_was_fetched_once, test_bytes_and_failures_over_http,
#   test_a_connection_goes_on_after_a_failure, test_pages_of_many_lengths_some_of_which_fail,
#   test_two_failures_at_the_same_time

from __future__ import annotations

import functools
import urllib.request
from dataclasses import dataclass
from html.parser import HTMLParser
from threading import Semaphore, Thread
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
    permits = Semaphore(max_connections)
    items = {}

    def fetch(url):
        try:
            items[url] = get(url)
            permits.release()
        except Exception as error:
            items[url] = error

    threads = []
    for url in dict.fromkeys(urls):
        permits.acquire()
        threads.append(Thread(target=fetch, args=(url,)))
        threads[-1].start()
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
