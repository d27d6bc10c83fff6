"""The communication thread puts connections into a queue; another thread starts the workers, and joins them."""

import queue
import socket
import threading
from dataclasses import dataclass, field

LIMIT = 65_536


@dataclass(eq=False)
class Visit:
    connection: socket.socket
    gone: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    answering: bool = False
    thread: threading.Thread | None = None


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle has to be callable")
        if not isinstance(host, str):
            raise TypeError("host has to be a str")
        if not isinstance(port, int):
            raise TypeError("port has to be an int")
        if not 0 <= port <= 65_535:
            raise ValueError("port has to be a port")
        self.handle, self.host, self.port = handle, host, port
        self.visits = queue.Queue()
        self.condition = threading.Condition()
        self.present = []
        self.stopping = False
        self.threads = ()

    def start(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((self.host, self.port))
        self.listener.listen(5)
        self.threads = threading.Thread(target=self.accept), threading.Thread(target=self.usher)
        for thread in self.threads:
            thread.start()
        return self.listener.getsockname()

    def stop(self):
        if not self.threads:
            return
        with self.condition:
            self.stopping = True
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        for thread in self.threads:
            thread.join()

    def accept(self):
        while True:
            try:
                self.visits.put(Visit(self.listener.accept()[0]))
            except OSError:
                if self.stopping:
                    break
        self.listener.close()
        self.visits.put(None)

    def usher(self):
        while (visit := self.visits.get()) is not None:
            self.present = [other for other in self.present if other.thread.is_alive()]
            visit.thread = threading.Thread(target=self.serve, args=(visit,))
            self.present.append(visit)
            visit.thread.start()
        with self.condition:
            for visit in self.present:
                if not visit.answering:
                    try:
                        visit.connection.shutdown(socket.SHUT_RDWR)
                    except OSError:
                        pass
        for visit in self.present:
            visit.gone.acquire()
            visit.thread.join()

    def serve(self, visit):
        try:
            self.answer(visit)
        except OSError:
            pass
        finally:
            with self.condition:
                visit.connection.close()
            visit.gone.release()

    def answer(self, visit):
        request = bytearray()
        while (byte := visit.connection.recv(1)) != b"\n":
            request += byte
            if not byte or len(request) > LIMIT:
                return
        with self.condition:
            if self.stopping:
                return
            visit.answering = True
        try:
            reply = self.handle(bytes(request))
        except Exception:
            reply = b"error"
        visit.connection.sendall(reply)
        visit.connection.sendall(b"\n")
        visit.connection.shutdown(socket.SHUT_WR)
        visit.connection.settimeout(0.05)
        for _ in range(10_000):
            if not visit.connection.recv(LIMIT):
                return
