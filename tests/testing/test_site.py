"""A real HTTP site: pages, gates, connections that are dropped, and clients that misbehave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.testing.outcomes import RuleBroken

if TYPE_CHECKING:
    from tests.conftest import Lab, Labs

FETCHER = """
import socket
import threading
import urllib.error
import urllib.request

def get(url):
    try:
        with urllib.request.urlopen(url) as response:
            return response.status, response.headers["Content-Type"], response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read()

def fetch_all(urls):
    found = {}
    threads = [threading.Thread(target=lambda url=url: found.update({url: get(url)[2]})) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found

def outcome(url):
    try:
        return get(url)
    except Exception as error:
        return type(error).__name__

def say(port, data):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").read()

def connect_for_ever(port):
    kept = []
    while True:
        kept.append(socket.create_connection(("127.0.0.1", port)))
        if len(kept) > 400:
            for connection in kept:
                connection.close()
            kept.clear()
"""


@pytest.fixture
def program(lab: Labs) -> Lab:
    return lab(FETCHER)


def test_pages_come_as_they_were_defined(program: Lab) -> None:
    site = program.site()
    url = site.page("/a?b=c", body=b"\x00\xff", status=200, content_type="image/png")
    assert url == f"http://127.0.0.1:{site.port}/a?b=c"
    assert program.student.get(url) == (200, "image/png", b"\x00\xff")
    assert [request.path for request in site.requests] == ["/a?b=c"]
    assert program.student.get(site.page("/500", body=b"sorry", status=500)) == (500, "text/html", b"sorry")


def test_a_path_that_is_not_defined_gives_404(program: Lab) -> None:
    assert program.student.get(program.site().url("/nowhere")) == (404, "text/plain", b"not found")


def test_a_big_page_arrives_whole(program: Lab) -> None:
    body = bytes(range(256)) * 2_000
    assert program.student.get(program.site().page("/big", body=body))[2] == body


def test_a_page_may_lie_about_its_length(program: Lab) -> None:
    assert program.student.outcome(program.site().page("/short", body=b"1234", length=10)) == "IncompleteRead"


def test_held_pages_wait_and_others_go_through(program: Lab) -> None:
    site = program.site()
    slow, quick = site.page("/slow", body=b"slow", held=True), site.page("/quick", body=b"quick")
    call = program.student.begin("fetch_all", [slow, quick])
    site.wait(2)
    program.student.settle()
    assert [request.path for request in site.waiting] == ["/slow"] and not call.done
    site.release("/slow")
    assert call.result() == {slow: b"slow", quick: b"quick"}
    assert [request.finished for request in site.requests] == [True, True]
    assert site.most_at_once <= 2


def test_holding_begins_and_ends_when_told(program: Lab) -> None:
    site = program.site()
    urls = [site.page(f"/{number}", body=b"x") for number in range(4)]
    site.hold("/0", "/1")
    site.hold_all()
    call = program.student.begin("fetch_all", urls)
    site.wait_waiting(4)
    assert site.most_at_once == 4
    assert len({request.connection for request in site.requests}) == 4
    site.release(site.requests[2])
    program.student.settle()
    assert [request.index for request in site.waiting] == [0, 1, 3]
    site.open()
    call.result()
    program.student.fetch_all(urls)
    assert site.waiting == []


def test_a_dropped_request_is_closed_without_an_answer(program: Lab) -> None:
    site = program.site()
    url = site.page("/gone", body=b"never")
    site.drop("/gone")
    assert program.student.outcome(url) == "RemoteDisconnected"
    assert site.requests[0].finished


def test_requests_that_never_come_are_told(program: Lab) -> None:
    site = program.site()
    program.student.begin("fetch_all", [site.page("/one", held=True)])
    with pytest.raises(RuleBroken, match=r"waited for 2 requests; 1 came. Your program is stuck"):
        site.wait(2)
    with pytest.raises(RuleBroken, match="2 requests under way at once; 1 came"):
        site.wait_waiting(2)


@pytest.mark.parametrize(
    ("sent", "answer", "paths"),
    [
        (b"GET /p HTTP/1.1\r\nHost: h\r\n\r\n", b"HTTP/1.1 200", ["/p"]),
        (b"GET /p HTTP/1.0\r\n\r\n", b"HTTP/1.1 200", ["/p"]),
        (b"nonsense\r\n\r\n", b"HTTP/1.1 404", [""]),
        (b"GET /half HTTP/1.1\r\nHost", b"", []),
        (b"", b"", []),
        (b"GET /\xff\xfe HTTP/1.1\r\n\r\n", b"HTTP/1.1 404", ["/\xff\xfe"]),
        (b"GET /" + b"x" * 300_000 + b" HTTP/1.1\r\n\r\n", b"", []),
    ],
    ids=["plain", "1.0", "nonsense", "half", "nothing", "not-ascii", "endless-head"],
)
def test_whatever_is_sent_the_site_lives(program: Lab, sent: bytes, answer: bytes, paths: list[str]) -> None:
    site = program.site()
    site.page("/p", body=b"page")
    raised = program.student.begin("say", site.port, sent)
    raised.wait()
    if raised.raised is None:
        assert raised.value[:12] == answer
    else:
        assert raised.raised.is_a(OSError) and answer == b""  # reset, in the middle of the head
    assert [request.path for request in site.requests] == paths
    assert program.student.get(site.url("/p"))[0] == 200


def test_a_client_that_goes_away_harms_nobody(lab: Labs) -> None:
    program = lab("""
        import socket, struct

        def run(port):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.sendall(b"GET /held HTTP/1.1\\r\\n\\r\\n")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
            return "gone"
    """)
    site = program.site()
    site.page("/held", body=bytes(1 << 20), held=True)
    assert program.student.run(site.port) == "gone"
    program.student.settle()
    site.open()
    program.student.settle()
    assert program.student.run(site.port) == "gone"


def test_connections_without_end_are_stopped(program: Lab) -> None:
    with pytest.raises(RuleBroken, match="more than 500 connections"):
        program.student.connect_for_ever(program.site().port)
