"""A TCP server with one communication thread and a new worker thread for each request."""

from __future__ import annotations

from collections.abc import Callable

MAX_REQUEST = 65_536
"""The longest request in bytes, its newline not counted."""


class DispatcherServer:
    """Answer one request on each connection, each in a thread of its own.

    One communication thread only accepts, and goes straight back to accepting: neither a slow
    `handle`, nor a client that connects and sends nothing, or half a line, delays any other client.
    The server holds 200 clients at once.

    A request is the bytes up to and without the first newline, at most `MAX_REQUEST` of them. The
    reply is `handle(request)` and a newline, nothing stripped or decoded; then the server closes the
    connection. Bytes after the first newline are ignored, and do not cost the client its reply.

    If `handle` raises, that client gets `error` and a newline, and everybody else is served as
    before. A client that hangs up early, or sends more than `MAX_REQUEST` bytes with no newline, is
    dropped. A worker is gone once its reply is sent.
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
        raise NotImplementedError

    def start(self) -> tuple[str, int]:
        """Listen, start the communication thread, and return the address bound: host and port.

        A client can connect as soon as this has returned.
        """
        raise NotImplementedError

    def stop(self) -> None:
        """Finish what is in flight, join every thread and release the port.

        New connections are refused. Every request whose `handle` has begun is finished and answered.
        Connections that have not sent a whole request are closed without waiting for them. A whole
        request whose `handle` has not begun, or a connection not yet accepted, may be answered or
        closed. Every thread is joined, and a new server can bind the port at once. May be called
        twice.
        """
        raise NotImplementedError
