# wrong: drops a client that has not sent its whole line after five seconds
# fails: test_a_slow_client_gets_its_reply
# may fail: test_two_servers_do_not_know_of_each_other, test_many_silent_clients_and_half_lines_delay_nobody, test_a_client_that_leaves_with_half_a_line_is_dropped, test_a_request_may_arrive_in_pieces, test_a_client_may_end_its_side_after_the_newline
"""Dispatcher server; all shared state lives in one monitor object."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

MAX_REQUEST = 65_536

Phase = Literal["reading", "busy", "gone"]


@dataclass(eq=False)
class Session:
    sock: socket.socket
    phase: Phase = "reading"
    thread: threading.Thread | None = None


@dataclass
class Registry:
    """Monitor: every method takes the condition's lock."""

    condition: threading.Condition = field(default_factory=threading.Condition)
    sessions: list[Session] = field(default_factory=list)
    closed: bool = False

    def add(self, session: Session) -> bool:
        with self.condition:
            if self.closed:
                return False
            self.sessions = [
                s for s in self.sessions if s.phase != "gone" or (s.thread is not None and s.thread.is_alive())
            ]
            self.sessions.append(session)
            return True

    def make_busy(self, session: Session) -> bool:
        with self.condition:
            if self.closed:
                return False
            session.phase = "busy"
            return True

    def end(self, session: Session) -> None:
        with self.condition:
            session.phase = "gone"
            session.sock.close()
            self.condition.notify_all()

    def close(self) -> list[threading.Thread]:
        """Hang up on those who read, wait for all to go, return the threads to join."""
        with self.condition:
            self.closed = True
            for session in self.sessions:
                if session.phase == "reading":
                    with suppress(OSError):
                        session.sock.shutdown(socket.SHUT_RDWR)
            while any(session.phase != "gone" for session in self.sessions):
                self.condition.wait(timeout=1.0)
            return [session.thread for session in self.sessions if session.thread is not None]


class DispatcherServer:
    """One communication thread, a new worker thread for each request."""

    def __init__(self, handle: Callable[[bytes], bytes], host: str = "127.0.0.1", port: int = 0) -> None:
        for good, message in (
            (callable(handle), "handle must be callable"),
            (isinstance(host, str), "host must be a str"),
            (isinstance(port, int) and not isinstance(port, bool), "port must be an int"),
        ):
            if not good:
                raise TypeError(message)
        if not 0 <= port <= 65535:
            raise ValueError("port must be in 0..65535")
        self._handle = handle
        self._host = host
        self._port = port
        self._registry = Registry()
        self._stop_event = threading.Event()
        self._dispatcher: threading.Thread | None = None

    def start(self) -> tuple[str, int]:
        if self._dispatcher is not None:
            raise RuntimeError("already started")
        listener = socket.create_server((self._host, self._port), backlog=500, reuse_port=False)
        listener.settimeout(0.1)
        host, port = listener.getsockname()
        self._dispatcher = threading.Thread(target=self._dispatch, args=(listener,))
        self._dispatcher.start()
        return host, port

    def _dispatch(self, listener: socket.socket) -> None:
        try:
            while not self._stop_event.is_set():
                with suppress(OSError):  # TimeoutError, too
                    sock, _ = listener.accept()
                    self._begin(sock)
        finally:
            listener.close()

    def _begin(self, sock: socket.socket) -> None:
        session = Session(sock)
        session.thread = threading.Thread(target=self._session, args=(session,))
        if not self._registry.add(session):
            sock.close()
            return
        try:
            session.thread.start()
        except RuntimeError:
            session.thread = None
            self._registry.end(session)

    def _session(self, session: Session) -> None:
        try:
            sock = session.sock
            sock.settimeout(5.0)  # never wait forever
            request = self._read(sock)
            if request is not None and self._registry.make_busy(session):
                self._answer(sock, request)
        except OSError:
            pass
        finally:
            self._registry.end(session)

    @staticmethod
    def _read(sock: socket.socket) -> bytes | None:
        line = b""
        while True:
            data = sock.recv(65536)
            if not data:
                return None
            before, newline, _after = data.partition(b"\n")
            line += before
            if len(line) > MAX_REQUEST:
                return None
            if newline:
                return line

    def _answer(self, sock: socket.socket, request: bytes) -> None:
        try:
            reply = b"%s\n" % self._handle(request)
        except BaseException:
            reply = b"error\n"
        sock.setblocking(False)
        out = memoryview(reply)
        deadline = None
        with selectors.PollSelector() as selector:
            selector.register(sock, selectors.EVENT_READ | selectors.EVENT_WRITE)
            while True:
                timeout = None if deadline is None else min(0.4, deadline - time.monotonic())
                if timeout is not None and timeout <= 0:
                    return
                ready = selector.select(timeout)
                if not ready:
                    if deadline is not None:
                        return  # silent since the reply was sent
                    continue
                events = ready[0][1]
                if events & selectors.EVENT_READ:
                    with suppress(BlockingIOError):
                        if not sock.recv(262_144):
                            if deadline is not None:
                                return
                            selector.modify(sock, selectors.EVENT_WRITE)
                if events & selectors.EVENT_WRITE and out:
                    with suppress(BlockingIOError):
                        out = out[sock.send(out) :]
                    if not out:
                        deadline = time.monotonic() + 3.0
                        sock.shutdown(socket.SHUT_WR)
                        if selector.get_key(sock).events == selectors.EVENT_WRITE:
                            return
                        selector.modify(sock, selectors.EVENT_READ)

    def stop(self) -> None:
        if self._dispatcher is None:
            return
        self._stop_event.set()
        self._dispatcher.join()
        for thread in self._registry.close():
            thread.join()
