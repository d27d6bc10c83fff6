# wrong: starts lambdas that read the variable of the loop, which may have gone on before the thread gets there
# fails: test_two_connections_and_two_urls_whoever_is_first, test_one_connection_keeps_the_order_whoever_is_first
# may fail: test_no_connection_is_lost_or_won_whoever_is_first, test_three_connections_stay_three_whoever_is_first,
#   test_two_failures_at_the_same_time, test_a_duplicate_is_fetched_once_whoever_is_first,
#   test_two_pages_at_the_same_time_do_not_meet, test_four_connections_are_four_times_as_fast,
#   test_a_long_page_does_not_hold_the_short_ones_back, test_pages_of_many_lengths_some_of_which_fail,
#   test_a_page_of_a_minute_is_waited_for

from __future__ import annotations

import functools
import threading as t
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
    permits = t.Semaphore(max_connections)
    items = {}

    def fetch(url):
        try:
            items[url] = get(url)
        except Exception as error:
            items[url] = error
        finally:
            permits.release()

    threads = []
    for url in dict.fromkeys(urls):
        permits.acquire()
        thread = t.Thread(target=lambda: fetch(url))
        thread.start()
        threads.append(thread)
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
