"""The standard library's threading server, made to keep the contract."""

import socket
import socketserver
import threading
from contextlib import suppress

LIMIT = 65_536


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        with suppress(OSError):
            line = self.rfile.readline(LIMIT + 1)
            if not line.endswith(b"\n"):
                return
            try:
                reply = self.server.answer(line[:-1])
            except Exception:
                reply = b"error"
            self.wfile.write(reply + b"\n")
            self.request.shutdown(socket.SHUT_WR)
            self.request.settimeout(0.05)
            while self.request.recv(LIMIT):
                pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 100

    def __init__(self, address, answer):
        super().__init__(address, Handler)
        self.answer = answer
        self.guard = threading.Lock()
        self.connections = set()

    def process_request(self, request, client_address):
        with self.guard:
            self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        with self.guard:
            self.connections.discard(request)
            super().shutdown_request(request)

    def handle_error(self, request, client_address):
        pass


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle")
        if not isinstance(host, str) or not isinstance(port, int):
            raise TypeError("address")
        if not 0 <= port <= 65_535:
            raise ValueError("port")
        self.handle = handle
        self.address = (host, port)
        self.server = None

    def start(self):
        self.server = Server(self.address, self.handle)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()
        return self.server.server_address

    def stop(self):
        if self.server is None:
            return
        self.server.shutdown()
        self.thread.join()
        with self.server.guard:
            for connection in self.server.connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RD)
        self.server.server_close()
