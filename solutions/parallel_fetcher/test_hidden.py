"""The hidden tests of `parallel_fetcher`.

Each looks at one claim of the contract and tries to leave the others alone: a test of the limit
does not ask for an order, a test of the order does not ask that nobody idles. So a submission
with one fault fails few tests, and the reasons point at it.

Where the contract is open the tests are too. A pool of threads that take one URL after the other
passes, and so does a new thread for each URL; `fetch_page` may fetch the page in any thread; with
a single connection, or a single URL, the caller's thread may do the work. Not looked at: an empty
`src`, `data:` URLs, fragments, `base`, and a `rel` of several words or in upper case.
"""

from __future__ import annotations

import queue

import pytest

from grader.testing import fault, rule

URLS = [f"http://pages.test/{number:02}" for number in range(30)]
PAGE = "http://pages.test/shop/summer/index.html"
TICK = 0.25
"""Units of the world's time: much longer than a program that looks again and again waits in between."""


def url_of(arrival):
    """The URL that a call of `get` was made with; "" if it was none."""
    url = arrival.args[0] if arrival.args else arrival.kwargs.get("url")
    return url if isinstance(url, str) else ""


def urls_of(arrivals):
    return [url_of(arrival) for arrival in arrivals]


def in_order(arrivals):
    """The calls by their URLs: which of them came first is up to the operating system."""
    return sorted(arrivals, key=url_of)


def body(url):
    """What stands at `url`, unless a test says otherwise."""
    return b"body of " + url.encode("utf-8", "replace")


def answer(arrival):
    return body(url_of(arrival))


def answers(web, otherwise=None):
    """An `answer` for a probe: by URL from `web`, else `otherwise`, else the usual body."""

    def by_url(arrival):
        url = url_of(arrival)
        return web.get(url, body(url) if otherwise is None else otherwise)

    return by_url


def origins(items):
    """For each item the `fault` that it is, or None."""
    return [getattr(item, "origin", None) for item in items]


def check_length(items, length):
    assert type(items) is list and len(items) == length, "fetch_all did not return a list with one item for each URL"


@pytest.fixture
def parts_of(student, probe):
    """Loads a page with this HTML and gives its parts; every part can be fetched."""

    def load(html, max_connections=6, web=None):
        get = probe("get", answer=answers({PAGE: html, **(web or {})}))
        page = student.fetch_page(PAGE, max_connections, get)
        return check_page(page).parts

    return load


def check_page(page):
    assert getattr(page, "type_name", None) == "Page", "fetch_page did not return a Page"
    assert type(page.parts) is dict, "the page's parts are not a dict"
    return page


def parts_at(*urls):
    return {url: body(url) for url in urls}


# --- correctness: items ----------------------------------------------------------------------


@rule("one-item-for-each", "threads-at-most-urls")
def test_no_urls_give_no_items(student, probe):
    get = probe("get", answer=answer)
    assert student.fetch_all([], 6, get) == [], "no URLs were given, and something came back"
    assert not get.calls, "no URLs were given, and get was called"
    assert student.threads_started == 0, "no URLs were given, and a thread was started"


@rule("one-item-for-each")
def test_many_urls_in_a_tuple(student, probe):
    get = probe("get", answer=answers({URLS[7]: b"", URLS[20]: b"\x00\xff"}))
    items = student.fetch_all(tuple(URLS), 3, get)
    check_length(items, len(URLS))
    assert items[7] == b"", "a page without a single byte was fetched, and its item is another"
    expected = [body(url) for url in URLS]
    expected[7], expected[20] = b"", b"\x00\xff"
    assert items == expected, "many URLs were fetched, and the items are not the bytes of each"


@rule("one-item-for-each")
def test_items_keep_their_order_when_the_last_url_is_first_to_finish(student, gate):
    get = gate("get", answer=answer)
    call = student.begin("fetch_all", URLS[:4], 4, get)
    get.wait_waiting(4)
    get.release(max(get.waiting, key=url_of))
    student.settle()
    get.open()
    assert call.result() == [body(url) for url in URLS[:4]], (
        "the URLs finished in another order than they were given in, and the items are not in the order given"
    )


@rule("exception-is-the-item")
def test_exceptions_of_several_classes_are_items(student, probe):
    classes = [OSError, ValueError, KeyError, ZeroDivisionError, RuntimeError, TimeoutError, ConnectionResetError]
    failures = [fault(kind, "the page cannot be had") for kind in classes]
    get = probe("get", answer=answers(dict(zip(URLS, failures, strict=False))))
    items = student.fetch_all(URLS[:8], 2, get)
    check_length(items, 8)
    assert origins(items[:7]) == failures, (
        "get raised exceptions of several classes, and the items are not those very exceptions"
    )
    assert items[7] == body(URLS[7]), "a URL after several failed ones has not got its bytes"
    assert len(get.calls) == 8, "get was not called exactly once for each URL after it had raised an exception"


@rule("exception-is-the-item")
def test_exceptions_that_also_end_loops_are_items(student, probe):
    classes = [IndexError, StopIteration, queue.Empty, EOFError]
    failures = [fault(kind, "raised by get") for kind in classes]
    get = probe("get", answer=answers(dict(zip(URLS, failures, strict=False))))
    items = student.fetch_all(URLS[:5], 1, get)
    check_length(items, 5)
    assert origins(items[:4]) == failures, (
        "get raised exceptions of classes that are also used to end loops (such as IndexError), "
        "and the items are not those very exceptions"
    )
    assert items[4] == body(URLS[4]), "the URL after these exceptions has not got its bytes"


@rule("duplicate-once")
def test_duplicates_share_what_was_fetched_once(student, probe):
    failure = fault(OSError, "the page cannot be had")
    get = probe("get", answer=answers({URLS[1]: failure}))
    items = student.fetch_all([URLS[0], URLS[1], URLS[0], URLS[1], URLS[2]], 1, get)
    check_length(items, 5)
    assert [items[0], items[2], items[4]] == [body(URLS[0]), body(URLS[0]), body(URLS[2])], (
        "a URL was given twice, and its bytes are not in both places"
    )
    assert origins([items[1], items[3]]) == [failure, failure], (
        "a URL that fails was given twice, and its exception is not in both places"
    )
    assert len(get.calls) == 3, "URLs were given twice, and get was not called once for each"


# --- correctness: order, threads, arguments --------------------------------------------------


@rule("in-order")
def test_one_connection_takes_the_urls_in_order(student, probe):
    get = probe("get", answer=answer)
    student.fetch_all(URLS[:12], 1, get)
    assert urls_of(get.calls) == URLS[:12], "one connection fetched the URLs in another order than they were given in"
    first, second, third = URLS[12:15]
    student.fetch_all([first, second, first, third, second], 1, get)
    assert urls_of(get.calls)[12:] == [first, second, third], (
        "a URL was given twice, and is not fetched where it stands first"
    )


@rule("in-order")
def test_several_connections_take_the_urls_in_order(student, gate):
    get = gate("get", answer=answer)
    call = student.begin("fetch_all", URLS[:9], 3, get)
    for first in (0, 3, 6):
        get.wait_waiting(3)
        # Three threads took one URL each: which of the three comes first is nobody's fault.
        assert sorted(urls_of(get.waiting)) == URLS[first : first + 3], (
            "several connections were free, and the URLs they took were not the next ones"
        )
        get.release()
    call.result()


@rule("threads-at-most-urls", "own-thread")
def test_each_call_has_its_own_thread_and_there_are_no_others(student, gate):
    get = gate("get", answer=answer)
    call = student.begin("fetch_all", URLS[:4], 20, get)
    get.wait_waiting(4)
    student.settle()
    assert not any(arrival.is_caller for arrival in get.calls), "get was called in the thread that called fetch_all"
    assert len({arrival.thread for arrival in get.calls}) == 4, (
        "two calls of get in flight were made in the same thread"
    )
    assert student.threads <= 4, "there are more threads than URLs while the URLs are fetched"
    get.open()
    call.result()
    assert student.threads_started <= 4, "more threads were started than there are URLs"


@rule("bad-argument", "max-connections-at-least-one")
def test_bad_max_connections_start_nothing(student, probe):
    get = probe("get", answer=answers({PAGE: b'<img src="a.png">'}))
    for bad in (0, -1, 2.5, 9.0, "3", None):
        error = student.error("fetch_all", URLS[:3], bad, get)
        assert error.is_a(ValueError) or error.is_a(TypeError), (
            f"max_connections was not an int of at least 1, and fetch_all raised {error.type_name}"
        )
    assert not get.calls, "max_connections was not an int of at least 1, and get was called"
    assert student.threads_started == 0, "max_connections was not an int of at least 1, and a thread was started"
    error = student.error("fetch_page", PAGE, 0, get)
    assert error.is_a(ValueError) or error.is_a(TypeError), (
        f"max_connections was below 1, and fetch_page raised {error.type_name}"
    )
    assert student.threads_started == 0, "max_connections was below 1, and fetch_page started a thread"


@rule("joined")
def test_returns_only_after_every_thread_has_ended(student, gate):
    for urls, choose in [(URLS[:3], max), (URLS[3:6], min)]:
        get = gate("get", answer=answer, exit_held=True)
        call = student.begin("fetch_all", urls, 3, get)
        get.wait_waiting(3)
        get.open()
        for _ in range(3):
            get.wait_exiting(1)
            student.settle()
            assert not call.done, "fetch_all returned while a thread it had started was not over"
            get.release_exit(choose(get.exiting, key=url_of))
        call.result()
    student.wait_threads(0)


@rule("joined")
def test_a_page_leaves_no_thread_behind(student, probe):
    get = probe("get", answer=answers({PAGE: b'<img src="a.png"><img src="b.png">'}))
    for name, url in [("fetch_page", PAGE), ("fetch_all", URLS[:3])]:
        call = student.begin(name, url, 2, get)
        call.result()
        assert call.left_behind == 0, f"{name} returned, and a thread that it had started was still there"


@rule("no-module-state")
def test_a_second_call_fetches_again(student, probe):
    first = probe("get", answer=answer)
    second = probe("get", answer=answers({}, otherwise=b"changed since"))
    assert student.fetch_all(URLS[:2], 2, first) == [body(url) for url in URLS[:2]], (
        "the first of two calls did not return what get returned"
    )
    assert student.fetch_all(URLS[:2], 2, second) == [b"changed since"] * 2, (
        "fetch_all was called twice, and the second call did not return what get returned then"
    )


# --- correctness: pages ----------------------------------------------------------------------


@rule("page-record")
def test_a_page_keeps_its_bytes_whatever_they_are(student, probe):
    html = b'<p>caf\xe9 \xff\xfe\x80</p>\r\n<img src="a.png">\r\n'
    get = probe("get", answer=answers({PAGE: html}))
    page = check_page(student.fetch_page(PAGE, 6, get))
    assert page.url == PAGE, "url is not the URL that the page was fetched from"
    assert page.html == html, "html is not the bytes of the page as they came"
    assert page.parts == parts_at("http://pages.test/shop/summer/a.png"), (
        "the page has bytes that are not UTF-8, and its part was not found"
    )
    plain = probe("get", answer=answers({PAGE: b"<p>Nothing to see</p>"}))
    page = check_page(student.fetch_page(PAGE, 6, plain))
    assert page.html == b"<p>Nothing to see</p>", "html is not the bytes of the page as they came"
    assert page.parts == {}, "a page that names no parts has parts"


@rule("page-parts")
def test_only_images_scripts_and_style_sheets_are_parts(parts_of):
    parts = parts_of(b"""<!DOCTYPE html>
        <html><head>
        <link rel="stylesheet" href="http://pages.test/style.css">
        <link rel="icon" href="http://pages.test/no-1">
        <link rel="next" href="http://pages.test/no-2">
        <link href="http://pages.test/no-3">
        <link rel="stylesheet">
        <script src="http://pages.test/code.js"></script>
        <script>var inline = 1;</script>
        </head><body>
        <a href="http://pages.test/no-4">A link</a>
        <img src="http://pages.test/cat.png"><img alt="no source">
        <iframe src="http://pages.test/no-5"></iframe>
        <p src="http://pages.test/no-6" href="http://pages.test/no-7">Text</p>
        <img href="http://pages.test/no-8"><link rel="stylesheet" src="http://pages.test/no-9">
        </body></html>""")
    expected = parts_at("http://pages.test/style.css", "http://pages.test/code.js", "http://pages.test/cat.png")
    missing = set(expected) - set(parts)
    assert not missing, "the src of an img or script or the href of a style sheet is no part"
    assert parts == expected, "something else became a part than img, script and style sheet"


@rule("page-parts")
def test_parts_are_found_however_the_html_is_written(parts_of):
    parts = parts_of(b"""
        <IMG SRC="http://pages.test/1"><Img alt='x' Src='http://pages.test/2' />
        <img src=http://pages.test/3 alt=three>
        <img
            alt="1 > 0"
            src = "http://pages.test/4"
        >
        <link href="http://pages.test/5" media="all" rel="stylesheet">
        <link rel=stylesheet href=http://pages.test/6>
        <script async src="http://pages.test/7" type="module"></script>
        <img src="http://pages.test/8?width=1&amp;height=2"><img src="http://pages.test/9?le=1&amp;lt=2">""")
    expected = parts_at(
        *(f"http://pages.test/{number}" for number in range(1, 8)),
        "http://pages.test/8?width=1&height=2",
        "http://pages.test/9?le=1&lt=2",
    )
    assert parts == expected, (
        "not every part was found, or not under its right URL, in HTML with upper and lower case, "
        "several kinds of quotes, attributes in another order, or entities in a URL"
    )


@rule("page-parts")
def test_comments_and_script_texts_hold_no_parts(parts_of):
    parts = parts_of(b"""
        <!-- <img src="http://pages.test/no-1"> -->
        <img src="http://pages.test/yes">
        <!--
        <script src="http://pages.test/no-2"></script>
        <link rel="stylesheet" href="http://pages.test/no-3"> -->
        <script>document.write('<img src="http://pages.test/no-4">');</script>""")
    assert parts == parts_at("http://pages.test/yes"), (
        "what stands in a comment or in the text of a script was taken for a part"
    )


@rule("page-order")
def test_parts_are_in_document_order(student, probe):
    html = b"""
        <script src="/f"></script> <img src="/b"> <link rel="stylesheet" href="/e"> <img src="/a">
        <script src="/d"></script> <link rel="stylesheet" href="/c"> <img src="/g">"""
    get = probe("get", answer=answers({PAGE: html}))
    page = check_page(student.fetch_page(PAGE, 1, get))
    expected = [f"http://pages.test/{name}" for name in "fbeadcg"]
    assert urls_of(get.calls) == [PAGE, *expected], (
        "over a single connection, the parts were not fetched in document order after the page"
    )
    assert list(page.parts) == expected, "parts does not have the parts in document order"


@rule("page-resolved")
def test_parts_are_resolved_against_the_pages_url(parts_of):
    parts = parts_of(b"""
        <img src="pic.png"> <img src="small/pic.png"> <img src="../up.png"> <img src="/root.png">
        <img src="//cdn.test/lib.png"> <img src="http://other.test/far.png"> <img src="./x/../y">
        """)
    expected = parts_at(
        "http://pages.test/shop/summer/pic.png",
        "http://pages.test/shop/summer/small/pic.png",
        "http://pages.test/shop/up.png",
        "http://pages.test/root.png",
        "http://cdn.test/lib.png",
        "http://other.test/far.png",
        "http://pages.test/shop/summer/y",
    )
    assert parts == expected, "relative addresses do not lead to the right absolute URLs"


@rule("page-once")
def test_a_part_named_several_times_is_fetched_once(student, probe):
    html = b"""
        <img src="/a.png"> <img src="/b.png"> <img src="/a.png"> <img src="../../a.png">
        <img src="http://pages.test/b.png"> <script src="/a.png"></script>"""
    get = probe("get", answer=answers({PAGE: html}))
    page = check_page(student.fetch_page(PAGE, 1, get))
    assert page.parts == parts_at("http://pages.test/a.png", "http://pages.test/b.png"), (
        "a page names its parts several times, and parts does not hold each of them once"
    )
    assert len(get.calls) == 3, "a part that the page names several times was not fetched once"


@rule("page-mapping")
def test_a_failed_part_has_its_exception_in_parts(student, probe):
    html = b'<img src="/a"> <img src="/b"> <img src="/c">'
    failure = fault(OSError, "the part cannot be had")
    get = probe("get", answer=answers({PAGE: html, "http://pages.test/b": failure}))
    parts = check_page(student.fetch_page(PAGE, 2, get)).parts
    assert getattr(parts.get("http://pages.test/b"), "origin", None) is failure, (
        "a part failed, and parts does not hold the exception that get raised for it"
    )
    others = {url: item for url, item in parts.items() if url != "http://pages.test/b"}
    assert others == parts_at("http://pages.test/a", "http://pages.test/c"), (
        "one part failed, and parts does not hold the bytes of the others"
    )
    assert list(parts) == [f"http://pages.test/{name}" for name in "abc"], (
        "one part failed, and parts does not have the parts in document order"
    )


@rule("page-fails")
def test_a_failed_page_raises_its_exception(student, probe):
    for kind in (OSError, ValueError):
        failure = fault(kind, "the page cannot be had")
        get = probe("get", raises=failure)
        error = student.error("fetch_page", PAGE, 6, get)
        assert error.origin is failure, (
            "the page itself failed, and fetch_page did not raise the exception that get had raised"
        )
        assert len(get.calls) == 1, "the page itself failed, and get was called again"


@rule("http-by-default")
def test_bytes_and_failures_over_http(student, site):
    site.page("/bytes", body=bytes(range(256)))
    site.page("/empty", body=b"")
    site.page("/later", body=b"later")
    site.drop("/dropped")
    paths = ["/bytes", "/missing", "/empty", "/dropped", "/later"]
    items = student.fetch_all([site.url(path) for path in paths], 2)
    check_length(items, 5)
    assert [items[0], items[2], items[4]] == [bytes(range(256)), b"", b"later"], (
        "pages were fetched over HTTP, and the items are not their bytes"
    )
    assert getattr(items[1], "type_name", None) == "HTTPError", (
        "a server answered that there is no such page, and the item is not an HTTPError"
    )
    assert hasattr(items[3], "is_a") and items[3].is_a(Exception), (
        "a server closed the connection without an answer, and the item is not an exception"
    )


# --- blocking --------------------------------------------------------------------------------


@rule("no-idling")
def test_any_connection_takes_the_next_url_as_it_finishes(student, gate):
    get = gate("get", answer=answer)
    call = student.begin("fetch_all", URLS[:8], 3, get)
    get.wait_waiting(3)
    for arrived, place in [(4, 1), (5, 2), (6, 0), (7, 2), (8, 1)]:
        get.release(in_order(get.waiting)[place])
        get.wait(arrived)  # two are as slow as ever, and the third one must be here
    get.open()
    call.result()


@rule("no-idling")
def test_one_connection_fetches_all_the_rest_while_the_others_are_slow(student, gate):
    get = gate("get", answer=answer)
    call = student.begin("fetch_all", URLS[:10], 4, get)
    get.wait_waiting(4)
    slow = in_order(get.waiting)[:3]
    for arrived in range(5, 11):
        quick = in_order(one for one in get.waiting if one not in slow)
        get.release(quick[-1])
        get.wait(arrived)
    assert all(one.held for one in slow) and not call.done, "a slow page was not waited for"
    get.open()
    assert call.result() == [body(url) for url in URLS[:10]], (
        "some pages were very slow, and the items are not the bytes of each"
    )


@rule("no-idling", "exception-is-the-item")
def test_a_connection_goes_on_after_a_failure(student, gate):
    failure = fault(OSError, "the page cannot be had")
    get = gate("get", answer=answer)
    call = student.begin("fetch_all", URLS[:7], 2, get)
    get.wait_waiting(2)
    for arrived in (3, 4, 5, 6, 7):
        get.release(in_order(get.waiting)[0], raises=failure)
        get.wait(arrived)
    get.open()
    call.result()


@rule("duplicate-once", "no-idling")
def test_a_duplicate_keeps_no_connection_from_the_next_url(student, gate):
    get = gate("get", answer=answer)
    call = student.begin("fetch_all", [URLS[0], URLS[0], URLS[0], URLS[1]], 2, get)
    get.wait_waiting(2)
    assert sorted(urls_of(get.waiting)) == URLS[:2], (
        "a URL was given several times, and a connection was kept busy with it instead of taking the next URL"
    )
    get.open()
    call.result()
    assert len(get.calls) == 2, "a URL given several times was not fetched once"


@rule("at-most-max")
def test_never_more_calls_than_connections(student, gate):
    failure = fault(OSError, "the page cannot be had")
    get = gate("get", answer=answer)
    call = student.begin("fetch_all", URLS[:12], 3, get)
    get.wait_waiting(3)
    student.settle()
    assert len(get.waiting) == 3, "more calls of get are in flight than max_connections allows"
    get.release(in_order(get.waiting)[0], raises=failure)
    student.settle()
    assert len(get.waiting) <= 3, "after a URL failed, more calls of get are in flight than max_connections allows"
    get.release()
    student.settle()
    assert len(get.waiting) <= 3, (
        "after some URLs were fetched, more calls of get are in flight than max_connections allows"
    )
    get.open()
    call.result()
    assert get.most_at_once <= 3, "more calls of get were in flight than max_connections allows"


@rule("no-idling", "at-most-max")
def test_twenty_connections_fetch_twenty_at_once(student, gate):
    get = gate("get", answer=answer)
    call = student.begin("fetch_all", URLS, 20, get)
    get.wait_waiting(20)
    get.open()
    assert call.result() == [body(url) for url in URLS], (
        "over many connections, the items are not the bytes of the URLs"
    )


@rule("max-connections-at-least-one", "http-by-default", "at-most-max")
def test_six_connections_by_default(student, site, gate):
    paths = [f"/{number}" for number in range(8)]
    for path in paths:
        site.page(path, body=path.encode())
    site.hold_all()
    call = student.begin("fetch_all", [site.url(path) for path in paths])
    site.wait_waiting(6)
    student.settle()
    assert len(site.waiting) == 6, "there are more connections than the six of the default"
    site.open()
    assert call.result() == [path.encode() for path in paths], (
        "pages were fetched over HTTP, and the items are not their bytes"
    )
    check_default_of_a_page(student, gate)


@rule("no-module-state")
def test_two_calls_at_the_same_time_do_not_meet(student, gate):
    slow = gate("slow", answer=answer)
    other = gate("other", answer=answers({}, otherwise=b"other"))
    first = student.begin("fetch_all", URLS[:4], 2, slow)
    slow.wait_waiting(2)
    slow.release()
    slow.wait_waiting(2)  # the first call has items of its own now, and goes on
    second = student.begin("fetch_all", URLS[:3], 2, other)
    other.wait_waiting(2)
    other.open()
    assert second.result() == [b"other"] * 3, (
        "two calls ran at the same time, and one did not return what its own get returned"
    )
    assert not first.done, "of two calls at the same time one was over before its pages had come"
    slow.open()
    assert first.result() == [body(url) for url in URLS[:4]], (
        "two calls ran at the same time, and one did not return what its own get returned"
    )


@rule("page-fetch-all")
def test_a_pages_parts_are_fetched_over_max_connections(student, gate):
    html = b'<img src="/1"> <img src="/2"> <img src="/3"> <img src="/4"> <img src="/5">'
    get = gate("get", answer=answers({PAGE: html}))
    call = student.begin("fetch_page", PAGE, 2, get)
    get.wait_waiting(1)
    assert urls_of(get.waiting) == [PAGE], "get was not called for the page first"
    get.release()
    get.wait_waiting(2)
    student.settle()
    assert len(get.waiting) == 2, "a page's parts took more connections than max_connections"
    get.open()
    parts = check_page(call.result()).parts
    assert parts == parts_at(*(f"http://pages.test/{number}" for number in range(1, 6))), (
        "a page was fetched over a few connections, and its parts are not what get returned"
    )


def check_default_of_a_page(student, gate):
    """Without `max_connections`, a page's parts take six connections."""
    html = b"".join(b'<img src="/%d">' % number for number in range(8))
    get = gate("get", answer=answers({PAGE: html}))
    call = student.begin("fetch_page", PAGE, get=get)
    get.wait_waiting(1)
    get.release()
    get.wait_waiting(6)
    student.settle()
    assert len(get.waiting) == 6, "a page's parts took more connections than the six of the default"
    get.open()
    call.result()


# --- speed-up --------------------------------------------------------------------------------
#
# In virtual time: each URL costs some ticks, and connections that never idle need a number of
# ticks that can be worked out by hand (each URL goes to the connection that is free first).


def in_the_world(urls, failures=()):
    """What a probe of the world answers: the usual bodies, or the fault that is paired with a URL."""
    failed = dict(failures)
    return [(url, failed.get(url, body(url))) for url in urls]


def check_makespan(run, expected):
    # A program that looks every few milliseconds whether a connection is free takes a little more.
    took = int(run.makespan + 1e-6)
    assert took <= expected, f"fetching took {took} ticks of virtual time: connections idled while URLs waited"
    assert took == expected, f"fetching took {took} ticks of virtual time, less than so few connections can"


def costing(world, *ticks, failures=()):
    """A `get` of the world: the first URL costs the first of `ticks`, and so on."""
    urls = URLS[: len(ticks)]
    takes = list(zip(urls, ticks, strict=True))
    return urls, world.probe("get", answers=in_the_world(urls, failures), takes=takes, cores=False)


@rule("no-idling", "at-most-max")
def test_four_connections_are_four_times_as_fast(world):
    urls, get = costing(world, *[2] * 12)
    call = world.call("fetch_all", urls, 4, get)
    ran = world.speedup()
    check_makespan(ran, 6)
    check_length(ran[call], 12)


@rule("no-idling", "at-most-max")
def test_a_long_page_does_not_hold_the_short_ones_back(world):
    urls, get = costing(world, 9, *[1] * 10)
    call = world.call("fetch_all", urls, 2, get)
    ran = world.speedup()
    # One connection fetches the long page (9) and at its end, with the other one, what is left.
    check_makespan(ran, 10)
    check_length(ran[call], 11)


@rule("joined", "one-item-for-each")
def test_a_page_of_a_minute_is_waited_for(world):
    urls, get = costing(world, 60, 1)
    call = world.call("fetch_all", urls, 2, get)
    ran = world.speedup()
    assert ran[call] == [body(url) for url in urls], "a page took a minute to come, and is not among the items"
    assert ran.left_behind(call) == 0, (
        "a page took a minute to come, and fetch_all returned before its threads were over"
    )


@rule("no-idling", "at-most-max")
def test_pages_of_many_lengths_some_of_which_fail(world):
    failure = fault(OSError, "the page cannot be had")
    urls, get = costing(world, 4, 1, 2, 5, 1, 3, 2, 2, 1, failures=[(URLS[1], failure), (URLS[4], failure)])
    call = world.call("fetch_all", urls, 3, get)
    ran = world.speedup()
    # The first three start at 0, the next ones at 1, 2, 3, 4, and two at 6; the last to end ends at 8.
    check_makespan(ran, 8)
    check_length(ran[call], 9)


@rule("no-idling", "page-fetch-all")
def test_a_page_over_http_takes_as_few_rounds_as_possible(student, site, schedule):
    names = [f"/part-{number:02}" for number in range(13)]
    html = "".join(f'<img src="{name}">' for name in names)
    site.page("/index.html", body=html.encode())
    for name in names:
        site.page(name, body=name.encode())
    site.hold_all()
    call = student.begin("fetch_page", site.url("/index.html"))
    ticks = {"/index.html": 3, names[0]: 6}
    run = schedule(call, site, cost=lambda request: ticks.get(request.path, 2))
    parts = check_page(call.result()).parts
    # The page until 3; the long part until 9; five connections fetch the twelve others, two ticks
    # each: five until 5, five until 7, two until 9.
    check_makespan(run, 9)
    assert parts == {site.url(name): name.encode() for name in names}, (
        "a page with many parts was fetched over HTTP, and parts is not what the server sent"
    )


# --- races -----------------------------------------------------------------------------------
#
# In the controlled world: the same few URLs under many schedules. Small on purpose, and each in a
# situation of its own. With several connections nobody can tell which of two calls of get begins
# first, so only a single connection is asked for the order.


def fetched(ran, get):
    return [call.args[0] for call in ran.calls(get)]


def check_fetch(ran, call, get, urls):
    """Each of `urls` has its bytes and was fetched once, and nobody is left."""
    assert ran[call] == [body(url) for url in urls], "the items are not the bytes of each URL, in the order given"
    assert sorted(fetched(ran, get)) == sorted(set(urls)), "a URL was fetched twice, or not at all"
    assert ran.left_behind(call) == 0, "fetch_all returned while a thread it had started was not over"


@rule("one-item-for-each", "duplicate-once", "joined", "threads-at-most-urls")
def test_two_connections_and_two_urls_whoever_is_first(world):
    get = world.probe("get", answers=in_the_world(URLS[:2]))
    call = world.call("fetch_all", URLS[:2], 2, get)

    @world.every_schedule(schedules=200)
    def check(ran):
        check_fetch(ran, call, get, URLS[:2])
        assert ran.threads_started <= 2, "more threads were started than there are URLs"


@rule("no-idling", "at-most-max", "one-item-for-each")
def test_no_connection_is_lost_or_won_whoever_is_first(world):
    get = world.probe("get", answers=in_the_world(URLS[:4]), takes=TICK, cores=False)
    call = world.call("fetch_all", URLS[:4], 2, get)

    @world.every_schedule(schedules=200)
    def check(ran):
        check_fetch(ran, call, get, URLS[:4])
        assert ran.most_at_once(get) <= 2, "more calls of get were in flight than max_connections allows"
        third, fourth = ran.calls(get)[2:]
        assert fourth.came < third.went, (
            "four URLs that take equally long were fetched over two connections, and one of these idled"
        )


@rule("at-most-max", "one-item-for-each", "joined")
def test_three_connections_stay_three_whoever_is_first(world):
    # The first URL takes no time, so one connection looks for more while the others are being made.
    takes = [(url, TICK) for url in URLS[1:5]]
    get = world.probe("get", answers=in_the_world(URLS[:5]), takes=takes, cores=False)
    call = world.call("fetch_all", URLS[:5], 3, get)

    @world.every_schedule(schedules=150)
    def check(ran):
        check_fetch(ran, call, get, URLS[:5])
        assert ran.most_at_once(get) <= 3, "more calls of get were in flight than max_connections allows"


@rule("exception-is-the-item", "joined")
def test_two_failures_at_the_same_time(world):
    failures = {
        url: fault(kind, "the page cannot be had") for url, kind in zip(URLS, (OSError, KeyError), strict=False)
    }
    get = world.probe("get", answers=in_the_world(URLS[:3], failures))
    call = world.call("fetch_all", URLS[:3], 2, get)

    @world.every_schedule(schedules=150)
    def check(ran):
        items = ran[call]
        check_length(items, 3)
        assert origins(items[:2]) == list(failures.values()), (
            "two URLs failed, and their items are not the exceptions that get raised for each"
        )
        assert items[2] == body(URLS[2]), "a URL after two failed ones has not got its bytes"
        assert sorted(fetched(ran, get)) == URLS[:3], "a URL was fetched twice, or not at all"
        assert ran.left_behind(call) == 0, "fetch_all returned while a thread it had started was not over"


@rule("duplicate-once", "one-item-for-each")
def test_a_duplicate_is_fetched_once_whoever_is_first(world):
    urls = [URLS[0], URLS[0], URLS[1]]
    get = world.probe("get", answers=in_the_world(urls))
    call = world.call("fetch_all", urls, 2, get)

    @world.every_schedule(schedules=100)
    def check(ran):
        check_fetch(ran, call, get, urls)


@rule("in-order", "at-most-max")
def test_one_connection_keeps_the_order_whoever_is_first(world):
    get = world.probe("get", answers=in_the_world(URLS[:3]))
    call = world.call("fetch_all", URLS[:3], 1, get)

    @world.every_schedule(schedules=80)
    def check(ran):
        check_fetch(ran, call, get, URLS[:3])
        assert fetched(ran, get) == URLS[:3], "one connection fetched the URLs in another order than they were given in"
        assert ran.most_at_once(get) == 1, "two calls of get were in flight over a single connection"


@rule("no-module-state", "page-parts", "page-mapping")
def test_two_pages_at_the_same_time_do_not_meet(world):
    # The same URLs for both, so that whatever they share by name would show, and other bytes for each.
    both = ["http://pages.test/a", "http://pages.test/b"]
    parts = [both[:1], both]
    pages = [b'<img src="/a">', b'<img src="/a"><img src="/b">']
    gets = [
        world.probe("get", answers=[(PAGE, html), *((part, html + part.encode()) for part in both)]) for html in pages
    ]
    with world.thread():
        calls = [world.call("fetch_page", PAGE, 1, gets[0])]
    calls.append(world.call("fetch_page", PAGE, 1, gets[1]))

    @world.every_schedule(schedules=100)
    def check(ran):
        for number in (0, 1):
            page = check_page(ran[calls[number]])
            assert page.html == pages[number], "two pages were fetched at the same time, and one got the other's html"
            expected = {part: pages[number] + part.encode() for part in parts[number]}
            assert page.parts == expected, (
                "two pages were fetched at the same time, and the parts of one are not its own, "
                "or not what its own get returned"
            )
            assert fetched(ran, gets[number]) == [PAGE, *parts[number]], (
                "two pages were fetched at the same time, and get was not called once for each page and its parts"
            )
