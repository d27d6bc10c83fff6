# wrong: sends each reply with a lock held that all workers share: one client that does not read keeps the others from theirs
# fails: test_a_client_that_does_not_read_delays_nobody
from __future__ import annotations

import abc
import enum
import selectors
import socket
import threading
import time
import typing

MAX_REQUEST = 65_536


class State(enum.Enum):
    READING = 1
    HANDLING = 2
    CLOSED = 3


class ProtocolViolation(Exception):
    """There will be no request on this connection."""


class Source(abc.ABC):
    @abc.abstractmethod
    def read(self) -> bytes: ...


class SocketSource(Source):
    def __init__(self, sock: socket.socket):
        self._sock = sock

    def read(self) -> bytes:
        data = self._sock.recv(4096)
        if not data:
            raise ProtocolViolation("hung up")
        return data


class RequestReader:
    def __init__(self, source: Source, limit: int):
        self._source = source
        self._limit = limit

    def line(self) -> bytes:
        collected = bytearray()
        while True:
            data = self._source.read()
            where = data.find(b"\n")
            collected.extend(data if where == -1 else data[:where])
            if len(collected) > self._limit:
                raise ProtocolViolation("too long")
            if where != -1:
                return bytes(collected)


class Session:
    def __init__(self, sock: socket.socket, handle: typing.Callable[[bytes], bytes], registry: SessionRegistry):
        self.sock = sock
        self.state = State.READING
        self._handle = handle
        self._sessions_of_server = registry
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            request = RequestReader(SocketSource(self.sock), MAX_REQUEST).line()
            if self._sessions_of_server.to_handling(self):
                self._answer(request)
        except (ProtocolViolation, OSError):
            pass
        finally:
            self._sessions_of_server.retire(self)

    def _reply(self, request: bytes) -> bytes:
        try:
            return self._handle(request) + b"\n"
        except BaseException:
            return b"error\n"

    def _answer(self, request: bytes) -> None:
        reply = self._reply(request)
        with self._sessions_of_server.output:
            self.sock.sendall(reply)
        self.sock.shutdown(socket.SHUT_WR)
        self._discard(idle=0.3, total=2.0)

    def _discard(self, idle: float, total: float) -> None:
        end = time.monotonic() + total
        self.sock.settimeout(idle)
        while time.monotonic() < end and self.sock.recv(65_536):
            continue


class SessionRegistry:
    """Knows every session. All changes of state happen here, under one lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: list[Session] = []
        self._open = True
        self.output = threading.Lock()      # replies must not get mixed

    def admit(self, session: Session) -> None:
        with self._lock:
            self._sessions = [s for s in self._sessions if s.state is not State.CLOSED or s.thread.is_alive()]
            self._sessions.append(session)
        try:
            session.thread.start()
        except RuntimeError:
            with self._lock:
                self._sessions.remove(session)
            session.sock.close()

    def to_handling(self, session: Session) -> bool:
        with self._lock:
            if self._open:
                session.state = State.HANDLING
            return self._open

    def retire(self, session: Session) -> None:
        with self._lock:
            session.state = State.CLOSED
            session.sock.close()

    def shut(self) -> list[threading.Thread]:
        with self._lock:
            self._open = False
            for session in self._sessions:
                if session.state is State.READING:
                    try:
                        session.sock.shutdown(socket.SHUT_RDWR)
                    except OSError:
                        pass
            return [session.thread for session in self._sessions]


class Communicator(threading.Thread):
    def __init__(self, listener: socket.socket, admit: typing.Callable[[socket.socket], None]):
        super().__init__(name="communicator")
        self._listener = listener
        self._admit = admit
        self._bell_r, self._bell_w = socket.socketpair()

    def run(self) -> None:
        with selectors.DefaultSelector() as selector, self._listener:
            self._listener.setblocking(False)
            selector.register(self._listener, selectors.EVENT_READ, data=True)
            selector.register(self._bell_r, selectors.EVENT_READ, data=False)
            while all(key.data for key, _ in selector.select()):
                try:
                    sock, _ = self._listener.accept()
                except OSError:
                    time.sleep(0.001)
                    continue
                sock.setblocking(True)
                self._admit(sock)

    def finish(self) -> None:
        self._bell_w.close()
        self.join()
        self._bell_r.close()


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle must be callable")
        if not isinstance(host, str):
            raise TypeError("host must be a str")
        if not isinstance(port, int) or isinstance(port, bool):
            raise TypeError("port must be an int")
        if not 0 <= port <= 65_535:
            raise ValueError("port must be in 0..65535")
        self._handle = handle
        self._host = host
        self._port = port
        self._communicator: Communicator | None = None
        self._sessions_of_server = SessionRegistry()

    def start(self):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._host, self._port))
            listener.listen(256)
            host, port = listener.getsockname()
        except BaseException:
            listener.close()
            raise
        self._communicator = Communicator(listener, lambda sock: self._sessions_of_server.admit(Session(sock, self._handle, self._sessions_of_server)))
        self._communicator.start()
        return host, port

    def stop(self):
        communicator = self._communicator
        if communicator is None:
            return
        communicator.finish()
        for thread in self._sessions_of_server.shut():
            thread.join()
