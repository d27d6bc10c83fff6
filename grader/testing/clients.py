"""The client side for servers: real TCP connections into the student process's network."""

from __future__ import annotations

import errno
import os
import re
import selectors
import signal
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from grader.jail.cell import Cell
from grader.testing import kernel, tcp
from grader.testing.history import History, Span
from grader.testing.loop import Loop
from grader.testing.outcomes import Inconclusive, RuleBroken

_READ = 1 << 16
_KEPT = 4 << 20
_SMALL = 4096  # bytes: less than any buffer for sending holds
_ACCEPT_PAUSE = 0.0005  # seconds between two looks; no part of any verdict
_STOPPED_POLLS = 500
_LOOPBACK = re.compile(r"127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}", re.ASCII)
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


class Connect:
    """Makes clients. Fixture `connect`."""

    def __init__(self, cell: Cell, loop: Loop, history: History | None = None) -> None:
        """Args: cell: in whose network. loop: of the test. history: takes down when connections begin and end."""
        self._history = history or History()
        self._cell = cell
        self._loop = loop
        self._clients: list[Client] = []

    def __call__(self, address: Any, count: int | None = None) -> Any:
        """Connects to the student's server.

        Args:
            address: `(host, port)`, as its `start()` returned it.
            count: how many connections; None: one.

        Returns:
            a `Client`, or a list of them.

        Raises:
            RuleBroken: `address` is no address of this machine, or the connection is refused.
        """
        checked = checked_address(address)
        clients = []
        sockets = self._cell.sockets(1 if count is None else count)
        try:
            while sockets:
                clients.append(self._connected(sockets.pop(), checked))
        finally:
            for sock in sockets:
                sock.close()
        return clients[0] if count is None else clients

    def slow(self, address: Any) -> Client:
        """A client that does not read until it is asked for what it has received, and takes in a few KiB until then.

        Args:
            address: as `start()` returned it.

        Raises:
            RuleBroken: the connection is refused.
        """
        (sock,) = self._cell.sockets(1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
        return self._connected(sock, checked_address(address), reads=False)

    def gone(self, address: Any) -> None:
        """A client whose connection has come and was reset before the server could accept it.

        Args:
            address: as `start()` returned it.
        """
        with self._stopped(address) as checked:
            (sock,) = self._cell.sockets(1)
            client = self._begin(sock, checked)
            self._poll_until(lambda: client.connected)
            client.abort()

    def at_once(self, address: Any, requests: list[bytes]) -> list[Client]:
        """Clients whose connections and requests have all arrived before the server can accept the first one.

        The student process is stopped meanwhile; the kernel takes connections without it, as many as its backlog holds.

        Args:
            address: as `start()` returned it.
            requests: what each client sends; two fit into every backlog.
        """
        with self._stopped(address) as checked:
            clients = [self._begin(sock, checked) for sock in self._cell.sockets(len(requests))]
            for client, data in zip(clients, requests, strict=True):
                client.send(data)
            self._poll_until(lambda: all(client.connected and not client.unsent for client in clients))
        return clients

    def refused(self, address: Any) -> bool:
        """Whether a connection to `address` is refused now."""
        client = self._begin(self._cell.sockets(1)[0], checked_address(address))
        self._loop.wait(lambda: client.connected, "a connection to be made or refused")
        refused = client.refused
        client.close()
        return refused

    def turned_away(self, address: Any) -> bool:
        """Whether a new client is refused, or let in and its connection closed before it has sent anything."""
        client = self._begin(self._cell.sockets(1)[0], checked_address(address))
        self._loop.wait(lambda: client.connected, "a connection to be made or refused")
        self._loop.settle()
        away = client.refused or client.closed
        client.close()
        return away

    def free_port(self) -> int:
        """A port that nobody uses in the student's network."""
        with self._cell.sockets(1)[0] as sock:
            self._cell.bind(sock)
            port: int = sock.getsockname()[1]
            return port

    def close(self) -> None:
        """Closes all that is still open, once the server is gone.

        With a reset, or the network would remember each connection that the server has closed first for a minute.
        """
        for client in self._clients:
            client.abort()

    @contextmanager
    def _stopped(self, address: Any) -> Iterator[tuple[str, int]]:
        """Stops the student process for as long as the block lasts; the kernel takes connections without it."""
        checked, pid = checked_address(address), self._loop.watch.pid
        if pid < 1:  # it had died before it could be found; 0 would stop us and all that we started
            raise RuleBroken("the student process was gone before a client could connect", {"kind": "died"})
        os.kill(pid, signal.SIGSTOP)
        try:
            yield checked
            self._loop.watch.flush()
        finally:
            os.kill(pid, signal.SIGCONT)
        self._loop.watch.progress()

    def _poll_until(self, condition: Callable[[], bool]) -> None:
        for _ in range(_STOPPED_POLLS):
            if condition():
                break
            self._loop.poll(_ACCEPT_PAUSE)

    def _begin(self, sock: socket.socket, address: tuple[str, int], reads: bool = True) -> Client:
        client = Client(self._loop, sock, address, reads)
        self._clients.append(client)
        client.span = self._history.begin(client, "client {}", "connection", "connection")
        client.ended = self._history.end
        return client

    def _connected(self, sock: socket.socket, address: tuple[str, int], reads: bool = True) -> Client:
        """A client whose connection is made, and accepted if the server is going to accept it at all.

        Linux drops what does not fit into a short backlog and tries again after seconds, with cookies and without
        what was sent meanwhile; a server that accepts at once should not have to suffer for that.
        """
        client = self._begin(sock, address, reads)
        self._loop.wait(lambda: client.connected, "the server to take a connection")
        if client.refused or client.reset:
            raise RuleBroken(f"a connection to the server at port {address[1]} was refused")
        looks = 0
        while tcp.accept_queue(self._loop.watch.pid, address[1]):
            looks += 1
            if looks % 8 == 0 and (self._loop.watch.quiet() or self._loop.watch.verdict()):
                break  # it does not
            self._loop.poll(_ACCEPT_PAUSE)
        return client


def checked_address(value: Any) -> tuple[str, int]:
    """`value` if it is the address of a server on this machine.

    Raises:
        RuleBroken: it is not; whatever the student's code says, nobody else is connected to.
    """
    if isinstance(value, tuple | list) and len(value) >= 2 and isinstance(value[0], str) and type(value[1]) is int:
        host, port = value[0], value[1]
        if host in ("localhost", "0.0.0.0", ""):
            host = "127.0.0.1"
        if _LOOPBACK.fullmatch(host) and 0 < port < 65_536:  # no name: asking for one is not for us to do
            return host, port
    raise RuleBroken(
        f"`start()` has to return the address bound, a tuple like ('127.0.0.1', 49152); it returned {str(value)[:80]!r}"
    )
