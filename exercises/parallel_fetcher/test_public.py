"""What `fetch_all` and `fetch_page` are asked to do, in the tests that students may read.

`probe("get", ...)` makes a `get` that the test controls. `gate("get", ...)` makes one whose calls do
not come back before the test releases them: a server that takes its time. Nothing here measures
time. What must happen is waited for, and `student.settle()` waits until nothing moves any more.
"""

from __future__ import annotations

from grader.testing import fault, rule

URLS = [f"http://pages.test/{number}" for number in range(5)]


def url_of(arrival):
    """The URL that a call of `get` was made with."""
    url = arrival.args[0] if arrival.args else arrival.kwargs.get("url")
    return url if isinstance(url, str) else ""


def in_order(arrivals):
    """The calls by their URLs: which of them came first is up to the operating system."""
    return sorted(arrivals, key=url_of)


def body(url):
    """What stands at `url` in these tests."""
    return b"body of " + url.encode("utf-8", "replace")


def answer(arrival):
    return body(url_of(arrival))


@rule("one-item-for-each")
def test_one_item_for_each_url(student, probe):
    get = probe("get", answer=answer)
    items = student.fetch_all(URLS, 2, get)
    assert items == [body(url) for url in URLS], "the items are not the bytes, in the order given"


@rule("at-most-max")
def test_three_connections_fetch_three_at_once(student, gate):
    get = gate("get", answer=answer)
    call = student.begin("fetch_all", URLS, 3, get)
    get.wait_waiting(3)  # three calls of get are under way, and none has come back
    student.settle()
    assert len(get.waiting) == 3, f"{len(get.waiting)} calls of get are in flight, 3 are allowed"
    get.open()
    call.result()


@rule("no-idling")
def test_a_finished_connection_takes_the_next_url(student, gate):
    get = gate("get", answer=answer)
    call = student.begin("fetch_all", URLS, 2, get)
    get.wait_waiting(2)
    for arrived in (3, 4, 5):
        # One is done, the other one is as slow as ever: the next URL must not wait for it.
        get.release(in_order(get.waiting)[-1])
        get.wait(arrived)
    get.open()
    call.result()


@rule("own-thread")
def test_get_is_not_called_in_the_callers_thread(student, gate):
    get = gate("get", answer=answer)
    call = student.begin("fetch_all", URLS, 2, get)
    get.wait_waiting(2)
    assert not any(arrival.is_caller for arrival in get.waiting), "get was called in the thread that called fetch_all"
    get.open()
    call.result()


@rule("exception-is-the-item")
def test_a_failed_url_has_its_exception_as_item(student, probe):
    failure = fault(OSError, "no such page")

    def answer_or_fail(arrival):
        return failure if url_of(arrival) == URLS[1] else answer(arrival)

    get = probe("get", answer=answer_or_fail)
    items = student.fetch_all(URLS[:3], 2, get)
    assert type(items) is list and len(items) == 3, "not a list with an item for each URL"
    assert getattr(items[1], "origin", None) is failure, (
        "the item of the failed URL is not the exception that get raised"
    )
    assert items[0] == body(URLS[0]) and items[2] == body(URLS[2]), "a URL that did not fail has lost its bytes"


@rule("duplicate-once")
def test_a_url_given_twice_is_fetched_once(student, gate):
    get = gate("get", answer=answer)
    urls = [URLS[0], URLS[1], URLS[0]]
    call = student.begin("fetch_all", urls, 3, get)
    get.wait_waiting(2)
    student.settle()
    assert len(get.calls) == 2, f"get was called {len(get.calls)} times for 2 different URLs"
    get.open()
    assert call.result() == [body(url) for url in urls], "there must be an item in each place"


@rule("bad-argument")
def test_no_connections_at_all_is_an_error(student, probe):
    get = probe("get", answer=answer)
    error = student.error("fetch_all", URLS, 0, get)
    assert error.is_a(ValueError) or error.is_a(TypeError), f"it raised {error.type_name}"
    assert not get.calls, "get was called all the same"


HTML = b"""<!DOCTYPE html>
<html>
  <head>
    <title>A page</title>
    <link rel="stylesheet" href="/style.css">
    <link rel="icon" href="/icon.png">
    <script src="code.js"></script>
  </head>
  <body><a href="other.html"><img src="pictures/cat.png" alt="a cat"></a></body>
</html>
"""


@rule("page-parts")
def test_a_page_is_fetched_with_its_parts(student, probe):
    web = {
        "http://pages.test/shop/index.html": HTML,
        "http://pages.test/style.css": b"css",
        "http://pages.test/shop/code.js": b"js",
        "http://pages.test/shop/pictures/cat.png": b"png",
    }

    def look_up(arrival):
        return web.get(url_of(arrival), fault(OSError, "no such page"))

    get = probe("get", answer=look_up)
    page = student.fetch_page("http://pages.test/shop/index.html", 6, get)
    assert getattr(page, "type_name", None) == "Page", "fetch_page must return a Page"
    assert page.url == "http://pages.test/shop/index.html", "url is not the page's URL"
    assert page.html == HTML, "html is not the page's bytes"
    assert page.parts == {
        "http://pages.test/style.css": b"css",
        "http://pages.test/shop/code.js": b"js",
        "http://pages.test/shop/pictures/cat.png": b"png",
    }, f"the parts are not the style sheet, the script and the picture: {page.parts}"


@rule("http-by-default")
def test_a_page_is_fetched_over_http(student, site):
    site.page("/index.html", body=b'<img src="a.png"><img src="b.png">')
    site.page("/a.png", body=b"first")
    site.page("/b.png", body=b"second")
    page = student.fetch_page(site.url("/index.html"))
    assert getattr(page, "type_name", None) == "Page", "fetch_page must return a Page"
    assert page.parts == {site.url("/a.png"): b"first", site.url("/b.png"): b"second"}, (
        f"the parts are not the two pictures: {page.parts}"
    )
