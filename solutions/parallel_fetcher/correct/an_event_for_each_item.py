"""Tasks that are dataclasses, each with an event that tells when its item is there."""

from __future__ import annotations

import functools
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any
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


@dataclass
class Task:
    url: str
    item: Any = None
    arrived: Event = field(default_factory=Event)

    def wait(self):
        self.arrived.wait()
        return self.item


def fetch_all(urls, max_connections=6, get=http_get):
    check(max_connections)
    tasks = {url: Task(url) for url in dict.fromkeys(urls)}
    todo = SimpleQueue()
    for task in tasks.values():
        todo.put(task)
    threads = [Thread(target=work, args=(todo, get)) for _ in range(min(max_connections, len(tasks)))]
    for thread in threads:
        thread.start()
    items = [tasks[url].wait() for url in urls]
    for thread in threads:
        thread.join()
    return items


def work(todo, get):
    while True:
        try:
            task = todo.get(block=False)
        except Empty:
            return
        try:
            task.item = get(task.url)
        except Exception as error:
            task.item = error
        task.arrived.set()


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
