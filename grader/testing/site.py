"""A real HTTP site whose every response the test holds and releases."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable
from dataclasses import dataclass

from grader.jail.cell import Cell
from grader.testing.history import History, Span
from grader.testing.loop import Loop
from grader.testing.outcomes import RuleBroken

_READ = 1 << 16
_LONGEST_HEAD = 1 << 16
_MOST_CONNECTIONS = 500


@dataclass(frozen=True)
class _Page:
    body: bytes
    status: int
    content_type: str
    length: int


_NOT_FOUND = _Page(b"not found", 404, "text/plain", 9)


class Request:
    """One request that has arrived at the site."""

    def __init__(self, path: str, index: int, connection: _Connection) -> None:
        """Args: path: with its query. index: in order of arrival. connection: it came over."""
        self.path = path
        self.index = index
        self.connection = connection.number
        self.held = False
        self.finished = False
        self._connection = connection
        self.span: Span | None = None

    def __repr__(self) -> str:
        return f"<request {self.index} for {self.path}>"


class Site:
    """Pages by path; everything that has been asked for, in order. Fixture `site`."""

    def __init__(self, cell: Cell, loop: Loop, history: History | None = None) -> None:
        """Listens. Args: cell: in whose network. loop: of the test. history: takes down what is asked for."""
        self._history = history or History()
        self._loop = loop
        self._pages: dict[str, _Page] = {}
        self._held: set[str] = set()
        self._holds_all = False
        self._dropped: set[str] = set()
        self._connections: list[_Connection] = []
        self.requests: list[Request] = []
        self.most_at_once = 0
        self._under_way = 0
        self._listener = cell.sockets(1)[0]
        cell.bind(self._listener)
        self._listener.listen(256)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        loop.register(self._listener, selectors.EVENT_READ, self._accept)

    # --- what tests use ---

    def url(self, path: str) -> str:
        """The absolute URL of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def page(
        self,
        path: str,
        body: bytes = b"",
        status: int = 200,
        content_type: str = "text/html",
        held: bool = False,
        length: int | None = None,
    ) -> str:
        """Defines what is at `path` and gives its URL. Paths that are not defined give 404.

        Args:
            path: with its query.
            body: in bytes.
            status: of HTTP.
            content_type: as the header has it.
            held: whether the response waits until it is released.
            length: what `Content-Length` claims; None: the truth.
        """
        self._pages[path] = _Page(body, status, content_type, len(body) if length is None else length)
        if held:
            self._held.add(path)
        return self.url(path)

    def hold(self, *paths: str) -> None:
        """Holds the responses for these paths until they are released."""
        self._held |= set(paths)

    def hold_all(self) -> None:
        """Holds every response until it is released."""
        self._holds_all = True

    def drop(self, path: str) -> None:
        """Closes connections that ask for `path` without an answer."""
        self._dropped.add(path)

    @property
    def waiting(self) -> list[Request]:
        """The requests that are held now, in order of arrival."""
        return [request for request in self.requests if request.held]

    def wait(self, count: int) -> None:
        """Returns once `count` requests have arrived in all.

        Raises:
            RuleBroken: they never will.
        """
        self._loop.wait(
            lambda: len(self.requests) >= count,
            lambda: f"{count} requests; {len(self.requests)} came",
        )

    def wait_waiting(self, count: int) -> None:
        """Returns once `count` requests are held at the same time.

        Raises:
            RuleBroken: they never will be.
        """
        self._loop.wait(
            lambda: len(self.waiting) >= count,
            lambda: f"{count} requests under way at once; {len(self.waiting)} came",
        )

    def release(self, which: Request | str | None = None) -> None:
        """Sends the response to one request, to all for a path, or to all that are held now."""
        for request in self.waiting:
            if which is None or which is request or which == request.path:
                request.held = False
                self._respond(request)

    def open(self) -> None:
        """Holds nothing from now on, and releases everything."""
        self._holds_all = False
        self._held.clear()
        self.release()

    def close(self) -> None:
        """Closes all connections and stops listening."""
        self._loop.unregister(self._listener)
        self._listener.close()
        for connection in self._connections:
            connection.close()

    # --- the loop's side ---

    def _accept(self, _: int) -> None:
        try:
            sock, _address = self._listener.accept()
        except BlockingIOError:
            return
        self._loop.watch.progress()
        number = len(self._connections)
        if number >= _MOST_CONNECTIONS:
            sock.close()
            raise RuleBroken(f"your program made more than {_MOST_CONNECTIONS} connections", {"kind": "flood"})
        self._connections.append(_Connection(self._loop, sock, number, self._requested))

    def _requested(self, connection: _Connection, path: str) -> None:
        request = Request(path, len(self.requests), connection)
        self.requests.append(request)
        label = f"request {request.index + 1}"
        request.span = self._history.begin(connection, "connection {}", "request", label)
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        if path in self._dropped:
            self._finish(request)
            connection.close()
        elif self._holds_all or path in self._held:
            request.held = request.span.held = True
        else:
            self._respond(request)

    def _finish(self, request: Request) -> None:
        request.finished = True
        self._history.end(request.span)
        self._under_way -= 1

    def _respond(self, request: Request) -> None:
        self._finish(request)
        page = self._pages.get(request.path, _NOT_FOUND)
        head = (
            f"HTTP/1.1 {page.status} X\r\nContent-Type: {page.content_type}\r\n"
            f"Content-Length: {page.length}\r\nConnection: close\r\n\r\n"
        )
        request._connection.send(head.encode() + page.body)


class _Connection:
    """One connection to the site: one request, one response."""

    def __init__(
        self,
        loop: Loop,
        sock: socket.socket,
        number: int,
        requested: Callable[[_Connection, str], None],
    ) -> None:
        self.number = number
        self._loop = loop
        self._socket = sock
        self._requested = requested
        self._head = bytearray()
        self._unsent = b""
        self._open = True
        sock.setblocking(False)
        loop.register(sock, selectors.EVENT_READ, self._readable)

    def _readable(self, _: int) -> None:
        self._loop.watch.progress()
        try:
            data = self._socket.recv(_READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data or len(self._head) > _LONGEST_HEAD:
            self.close()
            return
        self._head += data
        if b"\r\n\r\n" in self._head:
            self._loop.unregister(self._socket)
            line = bytes(self._head.partition(b"\r\n")[0]).decode("latin-1").split(" ")
            self._requested(self, line[1] if len(line) > 1 else "")

    def send(self, data: bytes) -> None:
        """Sends the response and closes."""
        self._unsent += data
        self._writable()

    def _writable(self, _: int = 0) -> None:
        if not self._open:
            return
        self._loop.watch.progress()
        self._loop.unregister(self._socket)
        try:
            while self._unsent:
                self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except BlockingIOError:
            self._loop.register(self._socket, selectors.EVENT_WRITE, self._writable)
            return
        except OSError:
            pass
        self.close()

    def close(self) -> None:
        if self._open:
            self._open = False
            self._loop.unregister(self._socket)
            self._socket.close()
