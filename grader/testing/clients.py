"""The client side for servers: real TCP connections into the student process's network."""

from __future__ import annotations

import errno
import selectors
import socket
import struct
from collections.abc import Callable
from typing import Any

from grader.testing import kernel, tcp
from grader.testing.history import Span
from grader.testing.loop import Loop
from grader.testing.outcomes import Inconclusive, RuleBroken

_READ = 1 << 16
_KEPT = 4 << 20
_RESETS = (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN)


class Client:
    """One connection to the student's server."""

    def __init__(self, loop: Loop, sock: socket.socket, address: tuple[str, int], reads: bool = True) -> None:
        """Begins to connect; see `Connect`. Args: reads: whether it reads before it is asked for anything."""
        self._reads = reads
        self._loop = loop
        self._socket = sock
        self._server_port = address[1]
        self.unsent = bytearray()
        """What the connection has not taken yet."""
        self._finishing = False
        self._open = True
        self.span: Span | None = None
        self.ended: Callable[[Span | None], None] = lambda _: None
        """Told when the connection is over, from whichever side."""
        self.connected = False
        self.refused = False
        self.received = b""
        """All bytes that have arrived and were not yet taken by `receive_line`."""
        self.closed = False
        """Whether the server has closed the connection, as seen so far."""
        self.reset = False
        """Whether it ended with a reset."""
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        error = sock.connect_ex(address)
        if error not in (0, errno.EINPROGRESS):
            self._connection_failed(error)
        else:
            loop.register(sock, self._reading() | selectors.EVENT_WRITE, self._ready)

    # --- what tests use ---

    def send(self, data: bytes) -> None:
        """Sends `data`, as far as the server takes it; the rest while the test waits."""
        self.unsent += data
        self._push()

    def finish(self) -> None:
        """Shuts the sending side down once all is sent: the server sees end of file."""
        self._finishing = True
        self._push()

    def receive_line(self) -> bytes:
        """The next line with its newline; what came before the end of file if there is no more.

        Raises:
            RuleBroken: neither ever comes.
        """
        self._begin_to_read()
        self._wait(lambda: b"\n" in self.received or self.closed, "a line from the server")
        line, newline, self.received = self.received.partition(b"\n")
        return line + newline

    def receive_all(self) -> bytes:
        """All bytes until the server closes the connection.

        Raises:
            RuleBroken: it never does.
        """
        self.wait_closed()
        data, self.received = self.received, b""
        return data

    def wait_closed(self) -> None:
        """Returns once the server has closed the connection.

        Raises:
            RuleBroken: it never does.
        """
        self._begin_to_read()
        self._wait(lambda: self.closed, "the server to close the connection")

    def wait_dropped(self) -> None:
        """Returns once the server has let go of a connection that it had accepted: it neither sends nor reads any more.

        One that says that it will send no more (`shutdown`) has only closed it halfway.

        Raises:
            RuleBroken: it never does.
            Inconclusive: this system does not show it.
        """
        if not kernel.can_look():
            raise Inconclusive("this system does not show who has a connection open")

        def dropped() -> bool:
            return not tcp.is_held(self._loop.watch.pid, self._server_port, self._socket.getsockname()[1])

        self._wait(dropped, "the server to close its side of a connection for good")

    def close(self) -> None:
        """Closes the connection from this side."""
        if self._open:
            self._open = False
            self.ended(self.span)
            self._loop.unregister(self._socket)
            self._socket.close()
            self._loop.watch.progress()

    def abort(self) -> None:
        """Closes the connection from this side with a reset."""
        if self._open:
            linger = struct.pack("ii", 1, 0)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close()

    # --- the loop's side ---

    def _reading(self) -> int:
        return selectors.EVENT_READ if self._reads and not self.closed else 0

    def _begin_to_read(self) -> None:
        if not self._reads:
            self._reads = True
            self._update()

    def _wait(self, condition: Any, what: str) -> None:
        if not self._open:
            raise ValueError("this client has been closed by the test")
        self._loop.wait(condition, what)

    def _ready(self, mask: int) -> None:
        self._loop.watch.progress()
        if not self.connected:
            error = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error not in (0, *_RESETS):
                self._connection_failed(error)
                return
            self.connected = True  # a reset may have come already, after bytes that are still to be read
        if mask & selectors.EVENT_READ:
            self._read()
        self._push()

    def _read(self) -> None:
        try:
            data = self._socket.recv(_READ)
        except BlockingIOError:
            return
        except OSError:
            self.reset = self.closed = True
            self.ended(self.span)
            self.unsent.clear()
            return
        if not data:
            self.closed = True
            self.ended(self.span)
        self.received += data
        if len(self.received) > _KEPT:
            raise RuleBroken("the server sends without end", {"kind": "flood"})

    def _push(self) -> None:
        if not self.connected or not self._open:
            return
        try:
            while self.unsent:
                del self.unsent[: self._socket.send(self.unsent[:_READ])]
                self._loop.watch.progress()
            if self._finishing:
                self._finishing = False
                self._socket.shutdown(socket.SHUT_WR)
                self._loop.watch.progress()
        except BlockingIOError:
            pass
        except OSError as error:
            self.unsent.clear()
            self.reset = self.reset or error.errno in _RESETS
        self._update()

    def _update(self) -> None:
        events = self._reading() | (selectors.EVENT_WRITE if self.unsent else 0)
        self._loop.unregister(self._socket)
        if events:
            self._loop.register(self._socket, events, self._ready)

    def _connection_failed(self, error: int) -> None:
        self._loop.unregister(self._socket)
        self.refused = error == errno.ECONNREFUSED
        self.closed = self.connected = True
        self.reset = not self.refused
