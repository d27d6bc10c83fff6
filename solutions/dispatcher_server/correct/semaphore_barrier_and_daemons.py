"""Everything out of threading by star; daemon threads that are joined all the same; the accepting thread tidies up."""

from contextlib import suppress
from socket import SHUT_RD, SHUT_RDWR, SHUT_WR, create_server
from threading import *

LIMIT = 65_536


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle must be callable")
        if not isinstance(host, str) or isinstance(port, bool) or not isinstance(port, int):
            raise TypeError("host must be a str, port an int")
        if not 0 <= port <= 65_535:
            raise ValueError("port must be in 0..65535")
        self.handle = handle
        self.address = (host, port)
        self.main = None

    def start(self):
        self.stopping = Event()
        self.listener = create_server(self.address)
        running = Barrier(2)
        self.main = Thread(target=self.run, args=(running,), daemon=True)
        self.main.start()
        running.wait()
        return self.listener.getsockname()

    def stop(self):
        if self.main is None:
            return
        self.stopping.set()
        with suppress(OSError):
            self.listener.shutdown(SHUT_RDWR)
        self.main.join()

    def run(self, running):
        running.wait()
        departures = Semaphore(0)
        present = {}
        with self.listener:
            while not self.stopping.is_set():
                with suppress(OSError):
                    connection, _ = self.listener.accept()
                    worker = Thread(target=self.work, args=(connection, departures), daemon=True)
                    present[worker] = connection
                    worker.start()
                if departures.acquire(blocking=False):
                    departures.release()
                    self.see_off(present, departures)
        for connection in present.values():
            with suppress(OSError):
                connection.shutdown(SHUT_RD)
        for _ in present:
            departures.acquire()
        for worker in present:
            worker.join()

    def see_off(self, present, departures):
        """Forget the workers that are gone; those still about to go are left for another time."""
        for worker in [worker for worker in present if not worker.is_alive()]:
            departures.acquire()
            del present[worker]

    def work(self, connection, departures):
        try:
            with connection, suppress(OSError):
                self.converse(connection)
        finally:
            departures.release()

    def converse(self, connection):
        data = bytearray()
        while b"\n" not in data and len(data) <= LIMIT:
            piece = connection.recv(LIMIT // 2)
            if not piece:
                return
            data += piece
        end = data.find(b"\n")
        if end not in range(LIMIT + 1):
            return
        try:
            reply = self.handle(bytes(data[:end]))
        except Exception:
            reply = b"error"
        connection.sendall(reply + b"\n")
        connection.shutdown(SHUT_WR)
        connection.settimeout(0.05)
        for _ in range(5000):
            if not connection.recv(LIMIT):
                return
