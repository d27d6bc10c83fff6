"""A thread reads the line of a client, and another one is started for the request."""

import socket
import threading
from contextlib import suppress

LIMIT = 65_536


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle is not callable")
        if not isinstance(host, str):
            raise TypeError("host is not a str")
        if not isinstance(port, int):
            raise TypeError("port is not an int")
        if port < 0 or port > 65_535:
            raise ValueError("port is out of range")
        self.handle = handle
        self.host = host
        self.port = port
        self.lock = threading.RLock()
        self.threads = []
        self.readers = []
        self.stopping = False
        self.listener = None

    def start(self):
        self.listener = socket.create_server((self.host, self.port), reuse_port=False)
        self.spawn(self.accept)
        return self.listener.getsockname()

    def spawn(self, target, *arguments):
        thread = threading.Thread(target=target, args=arguments)
        with self.lock:
            self.threads = [old for old in self.threads if old.is_alive()]
            thread.start()
            self.threads.append(thread)

    def stop(self):
        if self.listener is None:
            return
        with self.lock:
            self.stopping = True
            try:
                self.listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            for connection in self.readers:
                with suppress(OSError):  # its client has left
                    connection.shutdown(socket.SHUT_RD)
        while True:
            with self.lock:
                if not self.threads:
                    break
                thread = self.threads[0]
            thread.join()
            with self.lock:
                self.threads = [other for other in self.threads if other.is_alive()]
        self.listener.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                if self.stopping:
                    connection.close()
                    continue
                self.readers.append(connection)
                self.spawn(self.read, connection)

    def read(self, connection):
        data = b""
        try:
            while b"\n" not in data and len(data) <= LIMIT:
                piece = connection.recv(2000)
                if not piece:
                    break
                data += piece
        except OSError:
            data = b""
        request, newline, _ = data.partition(b"\n")
        with self.lock:
            self.readers.remove(connection)
            if newline and len(request) <= LIMIT:
                self.spawn(self.work, connection, request)
            else:
                connection.close()

    def work(self, connection, request):
        try:
            reply = self.handle(request)
        except Exception:
            reply = b"error"
        try:
            connection.sendall(reply + b"\n")
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(0.05)
            rounds = 0
            while connection.recv(65_536) and rounds < 2000:
                rounds += 1
        except OSError:
            pass
        connection.close()
