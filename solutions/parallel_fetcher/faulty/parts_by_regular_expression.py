# wrong: looks for parts with a regular expression, which knows neither comments nor entities, nor what a link is
#   for
# fails: test_a_page_is_fetched_with_its_parts, test_only_images_scripts_and_style_sheets_are_parts,
#   test_parts_are_found_however_the_html_is_written, test_comments_and_script_texts_hold_no_parts

from __future__ import annotations

import functools
import re
import urllib.request
from collections import deque
from dataclasses import dataclass
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

    threads = [Thread(target=connection) for _ in range(min(max_connections, len(line)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [items[url] for url in urls]


def fetch_page(url, max_connections=6, get=http_get):
    check(max_connections)
    html = get(url)
    parts = find_parts(url, html)
    return Page(url, html, dict(zip(parts, fetch_all(parts, max_connections, get))))


PART = re.compile(rb'<(?:img|script|link)\b[^>]*?\b(?:src|href)="([^"]+)"', re.IGNORECASE)


def find_parts(url, html):
    return list(dict.fromkeys(urljoin(url, part.decode()) for part in PART.findall(html)))
