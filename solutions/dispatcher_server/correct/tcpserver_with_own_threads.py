"""The standard library's plain TCPServer; the threads are our own, and stop() knows each by its connection."""

import socketserver
import threading
import time
from contextlib import suppress
from socket import SHUT_RD, SHUT_WR

LIMIT = 65_536


class Request(socketserver.BaseRequestHandler):
    def setup(self):
        self.data = b""

    def handle(self):
        try:
            while b"\n" not in self.data and len(self.data) <= LIMIT:
                piece = self.request.recv(LIMIT)
                if not piece:
                    return
                self.data += piece
            line, newline, _ = self.data.partition(b"\n")
            if newline and len(line) <= LIMIT:
                self.answer(line)
        except OSError:
            pass

    def answer(self, line):
        try:
            reply = self.server.answer(line)
        except Exception:
            reply = b"error"
        self.request.sendall(reply + b"\n")
        self.request.shutdown(SHUT_WR)
        self.request.settimeout(0.05)
        give_up = time.monotonic() + 2
        while self.request.recv(LIMIT) and time.monotonic() < give_up:
            pass


class Server(socketserver.TCPServer):
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, address, answer):
        super().__init__(address, Request)
        self.answer = answer
        self.closing = threading.Lock()
        self.workers = {}

    def process_request(self, request, client_address):
        for thread in [thread for thread in self.workers if not thread.is_alive()]:
            del self.workers[thread]
        thread = threading.Thread(target=self.work, args=(request, client_address))
        thread.start()
        self.workers[thread] = request

    def work(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        finally:
            with self.closing:
                request.close()

    def send_home(self):
        for request in self.workers.values():
            with self.closing, suppress(OSError):
                request.shutdown(SHUT_RD)
        for thread in self.workers:
            thread.join()


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle must be callable")
        if not isinstance(host, str) or isinstance(port, bool) or not isinstance(port, int):
            raise TypeError("host must be a str, port an int")
        if not 0 <= port <= 65_535:
            raise ValueError("port must be in 0..65535")
        self.answer = handle
        self.address = (host, port)
        self.server = None

    def start(self):
        self.server = Server(self.address, self.answer)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()
        return self.server.server_address

    def stop(self):
        if self.server is not None:
            self.server.shutdown()
            self.thread.join()
            self.server.server_close()
            self.server.send_home()
