"""A dataclass for each visit, in a deque whose ended ones leave at the front; an event tells that a visit is over."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from socket import SHUT_RD, SHUT_RDWR, SHUT_WR, create_server, socket
from threading import Event, Lock, Thread
from time import monotonic


@dataclass(eq=False)
class Visit:
    connection: socket
    handle: Callable[[bytes], bytes]
    over: Event = field(default_factory=Event)
    closing: Lock = field(default_factory=Lock)
    received: bytearray = field(default_factory=bytearray)
    thread: Thread = field(init=False)

    def __post_init__(self):
        self.thread = Thread(target=self.run)

    @property
    def request(self):
        end = self.received.find(b"\n")
        return bytes(self.received[:end]) if 0 <= end <= 65_536 else None

    @property
    def reply(self):
        try:
            return self.handle(self.request) + b"\n"
        except Exception:
            return b"error\n"

    @property
    def unfinished(self):
        return b"\n" not in self.received and len(self.received) <= 65_536

    def run(self):
        try:
            while self.unfinished and (piece := self.connection.recv(5000)):
                self.received += piece
            if self.request is not None:
                self.connection.sendall(self.reply)
                self.read_away()
        except OSError:
            pass
        finally:
            with self.closing:
                self.connection.close()
            self.over.set()

    def read_away(self):
        self.connection.shutdown(SHUT_WR)
        start = monotonic()
        while (left := start + 0.5 - monotonic()) > 0:
            self.connection.settimeout(left)
            if not self.connection.recv(65_536):
                return

    def end_reading(self):
        with self.closing:
            if not self.over.is_set():
                try:
                    self.connection.shutdown(SHUT_RD)
                except OSError:
                    pass


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle must be callable")
        if not isinstance(host, str) or isinstance(port, bool) or not isinstance(port, int):
            raise TypeError("host must be a str, port an int")
        if not 0 <= port <= 65_535:
            raise ValueError("port must be in 0..65535")
        self.handle, self.address = handle, (host, port)
        self.visits = deque()
        self.stopping = Event()
        self.listener = self.acceptor = None

    def start(self):
        self.listener = create_server(self.address, backlog=50)
        self.acceptor = Thread(target=self.accept)
        self.acceptor.start()
        return self.listener.getsockname()

    def stop(self):
        if self.acceptor is None:
            return
        self.stopping.set()
        try:
            self.listener.shutdown(SHUT_RDWR)
        except OSError:
            pass
        self.acceptor.join()
        self.listener.close()
        for visit in self.visits:
            visit.end_reading()
        for visit in self.visits:
            visit.over.wait()
            visit.thread.join()

    def accept(self):
        while not self.stopping.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                self.stopping.wait(0.01)
                continue
            while self.visits and not self.visits[0].thread.is_alive():
                self.visits.popleft()
            visit = Visit(connection, self.handle)
            visit.thread.start()
            self.visits.append(visit)
