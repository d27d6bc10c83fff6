"""How clients come to a student's server: one by one, at once, slowly, or only to be turned away. Fixture `connect`."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from grader.jail.cell import Cell
from grader.testing import kernel, tcp
from grader.testing.clients import Client
from grader.testing.history import History
from grader.testing.loop import Loop
from grader.testing.outcomes import RuleBroken

_ACCEPT_PAUSE = 0.0005  # seconds between two looks; no part of any verdict
_STOPPED_POLLS = 500
_STOPPING_POLLS = 20_000  # a process that others have set going again would never be seen to stop
_SMALL = 4096  # bytes: less than any buffer for sending holds
_LOOPBACK = re.compile(r"127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}", re.ASCII)


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
            self._poll_until(lambda: kernel.is_stopped(pid), _STOPPING_POLLS)
            yield checked
            self._loop.watch.flush()
        finally:
            os.kill(pid, signal.SIGCONT)
        self._loop.watch.progress()

    def _poll_until(self, condition: Callable[[], bool], polls: int = _STOPPED_POLLS) -> None:
        for _ in range(polls):
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
