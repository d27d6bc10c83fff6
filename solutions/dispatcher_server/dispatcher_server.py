"""A TCP server with one communication thread and a new worker thread for each request."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

MAX_REQUEST = 65_536
"""The longest request in bytes, its newline not counted."""

_CHUNK = 65_536
_BACKLOG = 256
_PATIENCE = 0.05
"""Seconds without a byte after which a worker no longer waits for its client to hang up."""
_LINGER = 2.0
"""Seconds after which it no longer waits for a client that goes on sending either."""


class DispatcherServer:
    """Answer one request on each connection, each in a thread of its own.

    The communication thread accepts and starts a worker for the connection, nothing else: whatever
    can wait for a client (reading, `handle`, replying, closing) is done by that client's worker.
    """

    def __init__(self, handle: Callable[[bytes], bytes], host: str = "127.0.0.1", port: int = 0) -> None:
        """Make a server that answers each request with `handle(request)`.

        Args:
            handle: what makes the reply of a request; called once for each request.
            host: the address to listen at.
            port: the port to listen at; 0 lets the system choose one.

        Raises:
            TypeError: `handle` is not callable, `host` is not a `str`, or `port` is not an `int`.
            ValueError: `port` is not in 0..65535.
        """
        if not callable(handle):
            raise TypeError(f"handle must be callable, not {type(handle).__name__}")
        if not isinstance(host, str):
            raise TypeError(f"host must be a str, not {type(host).__name__}")
        if not isinstance(port, int) or isinstance(port, bool):
            raise TypeError(f"port must be an int, not {type(port).__name__}")
        if not 0 <= port <= 65_535:
            raise ValueError(f"port must be in 0..65535, not {port}")
        self._handle = handle
        self._address = (host, port)
        self._listener: socket.socket | None = None
        self._communication: threading.Thread | None = None
        self._stopping = threading.Event()
        # Every connection by its worker; only the communication thread changes it.
        self._connections: dict[threading.Thread, socket.socket] = {}
        # stop() must not shut down a socket that its worker is just closing: the kernel may already
        # have given its number to another one.
        self._closing = threading.Lock()

    def start(self) -> tuple[str, int]:
        """Listen, start the communication thread, and return the address bound: host and port."""
        if self._listener is not None:  # pragma: no cover - the contract says nothing of a second start
            raise RuntimeError("a server can be started only once")
        # create_server sets SO_REUSEADDR: connections of an earlier server on this port, which the
        # kernel remembers for a minute, do not keep us from binding it.
        self._listener = socket.create_server(self._address, backlog=_BACKLOG)
        self._communication = threading.Thread(target=self._accept, args=(self._listener,))
        self._communication.start()
        host, port = self._listener.getsockname()
        return host, port

    def stop(self) -> None:
        """Finish what is in flight, join every thread and release the port."""
        if self._listener is None or self._communication is None:  # pragma: no cover - nor of a stop without a start
            return  # never started
        self._stopping.set()
        # Closing a socket does not wake a thread that waits in it; shutting it down does.
        with suppress(OSError):  # an earlier stop() has done it
            self._listener.shutdown(socket.SHUT_RDWR)
        self._communication.join()
        self._listener.close()
        # "Nothing more to read" is enough for a connection: half a line ends there, and a request
        # that is being handled can still be answered.
        for connection in self._connections.values():
            with self._closing, suppress(OSError):  # its worker has closed it, or its client has left
                connection.shutdown(socket.SHUT_RD)
        for worker in self._connections:
            worker.join()

    def _accept(self, listener: socket.socket) -> None:
        """Start a worker for each client until the server stops: the communication thread."""
        while not self._stopping.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:  # shut down; or out of file descriptors, until a worker is gone
                self._stopping.wait(0.01)
                continue
            # Workers are forgotten here, once they have ended, and not by themselves: one that struck
            # itself off would still be running when stop() no longer knows of it.
            for ended in [worker for worker in self._connections if not worker.is_alive()]:
                del self._connections[ended]
            worker = threading.Thread(target=self._serve, args=(connection,))
            worker.start()
            self._connections[worker] = connection

    def _serve(self, connection: socket.socket) -> None:
        """Serve one client, whatever it does: a worker."""
        try:
            request = _read_request(connection)
            if request is not None:
                connection.sendall(self._reply(request))
                _hang_up(connection)
        except OSError:
            pass  # this client hung up, which concerns nobody else
        finally:
            with self._closing:
                connection.close()

    def _reply(self, request: bytes) -> bytes:
        # Apart from the socket's errors: an OSError of `handle` is an error like any other.
        try:
            return self._handle(request) + b"\n"
        except Exception:
            return b"error\n"


def _read_request(connection: socket.socket) -> bytes | None:
    """Return the bytes before the first newline, or None if no whole request will come."""
    received = bytearray()
    while b"\n" not in received:
        if len(received) > MAX_REQUEST:
            return None
        chunk = connection.recv(_CHUNK)
        if not chunk:
            return None
        received += chunk
    request, _, _ = bytes(received).partition(b"\n")
    return request if len(request) <= MAX_REQUEST else None


def _hang_up(connection: socket.socket) -> None:
    """Say that no more will come, and read away what the client still sends.

    Closing a socket with unread bytes resets the connection, and a reset can overtake the reply.
    """
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(_PATIENCE)
    deadline = time.monotonic() + _LINGER
    while connection.recv(_CHUNK) and time.monotonic() < deadline:
        pass
