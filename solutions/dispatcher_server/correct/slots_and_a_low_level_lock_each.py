"""A slotted object for each client, with a low-level lock of its own: it is handled or cut off, never both."""

import _thread
import socket
import threading
import time

LIMIT = 65_536


class Client:
    __slots__ = ("connection", "handle", "lock", "state", "thread")

    def __init__(self, connection, handle):
        self.connection = connection
        self.handle = handle
        self.lock = _thread.allocate_lock()
        self.state = "reading"
        self.thread = threading.Thread(target=self.serve)

    def serve(self):
        try:
            request = self.read()
            if request is not None and self.begin():
                self.answer(request)
        except OSError:
            pass
        finally:
            with self.lock:
                self.state = "over"
                self.connection.close()

    def begin(self):
        with self.lock:
            if self.state == "cut off":
                return False
            self.state = "handling"
            return True

    def cut_off(self):
        with self.lock:
            if self.state == "reading":
                self.state = "cut off"
                try:
                    self.connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def read(self):
        data = bytearray()
        while (end := data.find(b"\n")) < 0:
            if len(data) > LIMIT:
                return None
            piece = self.connection.recv(3000)
            if not piece:
                return None
            data += piece
        return bytes(data[:end]) if end <= LIMIT else None

    def answer(self, request):
        try:
            reply = self.handle(request)
        except Exception:
            reply = b"error"
        self.connection.sendall(reply + b"\n")
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(0.05)
        end = time.monotonic() + 1.5
        while time.monotonic() < end and self.connection.recv(LIMIT):
            pass


class DispatcherServer:
    __slots__ = ("acceptor", "address", "clients", "handle", "listener", "stopping")

    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle must be callable")
        if not isinstance(host, str) or isinstance(port, bool) or not isinstance(port, int):
            raise TypeError("host must be a str, port an int")
        if not 0 <= port <= 65_535:
            raise ValueError("port must be in 0..65535")
        self.handle = handle
        self.address = (host, port)
        self.clients = []
        self.listener = None
        self.stopping = False

    def start(self):
        self.listener = socket.create_server(self.address, backlog=128)
        self.acceptor = threading.Thread(target=self.accept)
        self.acceptor.start()
        return self.listener.getsockname()

    def stop(self):
        if self.listener is None:
            return
        self.stopping = True
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.acceptor.join()
        self.listener.close()
        for client in self.clients:
            client.cut_off()
        for client in self.clients:
            client.thread.join()

    def accept(self):
        while not self.stopping:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                continue
            self.clients = [client for client in self.clients if client.thread.is_alive()]
            client = Client(connection, self.handle)
            client.thread.start()
            self.clients.append(client)
