"""Load a page as a browser does: the page first, then its parts over several connections at once."""

from __future__ import annotations

import functools
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass


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
    """Fetches all `urls` over several connections at once.

    At most `max_connections` calls of `get` are in flight at any time, each in its own thread
    (not in the caller's). While URLs wait, no connection idles: a finished one takes the next URL
    at once, whether it has succeeded or failed. URLs are taken in the order given.

    A URL given twice is fetched once, and takes one connection. No more threads are started than
    there are URLs. No thread that the call starts outlives it, and there is no module-level
    state: two calls may run at the same time in two threads.

    Args:
        urls: any sequence of URLs; it may be empty.
        max_connections: an `int` of at least 1.
        get: called as `get(url)`, returns the bytes or raises.

    Returns:
        One item for each URL, in the order given: the bytes that `get` returned for it, or the
        exception (any `Exception`, the very object) that it raised. A failed URL never makes the
        call raise. A URL given twice has the same item in both places.

    Raises:
        ValueError, TypeError: `max_connections` is below 1, or no `int`. Either class will do;
            it is raised before any thread is started.
    """
    raise NotImplementedError


def fetch_page(
    url: str,
    max_connections: int = 6,
    get: Callable[[str], bytes] = http_get,
) -> Page:
    """Fetches the page at `url`, then its parts with `fetch_all`.

    The parts are what these elements of the page name, in document order, resolved against the
    page's URL, each once:

    - `src` of `img` and `script`,
    - `href` of `link rel="stylesheet"`.

    An element without that attribute has no part. The page is HTML as browsers take it: upper or
    lower case, quotes or none, attributes in any order, `&amp;` for `&`, and perhaps bytes that
    are not UTF-8. What stands in a comment or in the text of a script is not an element.

    Args:
        url: the page's URL.
        max_connections: as for `fetch_all`.
        get: as for `fetch_all`; fetches the page as well.

    Returns:
        The page. A part that failed has its exception in `parts`.

    Raises:
        Exception: what `get` raised for the page itself, that very exception.
        ValueError, TypeError: `max_connections` is below 1, or no `int`.
    """
    raise NotImplementedError
