# wrong: collects the items in the order in which they come and pairs them with the URLs afterwards
# fails: test_items_keep_their_order_when_the_last_url_is_first_to_finish,
#   test_one_connection_fetches_all_the_rest_while_the_others_are_slow,
#   test_a_page_over_http_takes_as_few_rounds_as_possible, test_two_connections_and_two_urls_whoever_is_first
# may fail: test_one_item_for_each_url, test_a_failed_url_has_its_exception_as_item,
#   test_a_url_given_twice_is_fetched_once, test_a_page_is_fetched_with_its_parts, test_a_page_is_fetched_over_http,
#   test_many_urls_in_a_tuple, test_exceptions_of_several_classes_are_items, test_a_second_call_fetches_again,
#   test_only_images_scripts_and_style_sheets_are_parts, test_parts_are_found_however_the_html_is_written,
#   test_parts_are_resolved_against_the_pages_url, test_a_failed_part_has_its_exception_in_parts,
#   test_bytes_and_failures_over_http, test_twenty_connections_fetch_twenty_at_once, test_six_connections_by_default,
#   test_two_calls_at_the_same_time_do_not_meet, test_a_pages_parts_are_fetched_over_max_connections,
#   test_no_connection_is_lost_or_won_whoever_is_first, test_three_connections_stay_three_whoever_is_first,
#   test_two_failures_at_the_same_time, test_a_duplicate_is_fetched_once_whoever_is_first,
#   test_a_page_of_a_minute_is_waited_for

from __future__ import annotations

import functools
import urllib.request
from collections import deque
from dataclasses import dataclass
from html.parser import HTMLParser
from threading import Thread
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
    line = deque(dict.fromkeys(urls))
    items = []

    def connection():
        while True:
            try:
                url = line.popleft()
            except IndexError:
                return
            try:
                items.append(get(url))
            except Exception as error:
                items.append(error)

    threads = [Thread(target=connection) for _ in range(min(max_connections, len(line)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    by_url = dict(zip(dict.fromkeys(urls), items))
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
