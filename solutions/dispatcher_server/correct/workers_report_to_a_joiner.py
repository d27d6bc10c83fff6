"""A worker puts itself into a queue as the last thing it does; a thread that does nothing else joins it."""

import socket
import threading
import time
from queue import SimpleQueue as Q

LIMIT = 65_536


class Worker(threading.Thread):
    def __init__(self, server, connection):
        super().__init__()
        self.server = server
        self.connection = connection
        self.buffer = bytearray(2048)

    def run(self):
        try:
            line = self.line()
            if line is not None:
                self.answer(line)
        except OSError:
            pass
        finally:
            self.server.leave(self)

    def line(self):
        data = bytearray()
        while len(data) <= LIMIT:
            count = self.connection.recv_into(self.buffer)
            if count == 0:
                return None
            data += self.buffer[:count]
            line, newline, _ = data.partition(b"\n")
            if newline:
                return bytes(line) if len(line) <= LIMIT else None
        return None

    def answer(self, line):
        try:
            reply = self.server.handle(line)
        except Exception:
            reply = b"error"
        self.connection.sendall(reply + b"\n")
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(0.07)
        deadline = time.monotonic() + 2
        while self.connection.recv_into(self.buffer) and time.monotonic() < deadline:
            pass


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle must be callable")
        if not isinstance(host, str) or isinstance(port, bool) or not isinstance(port, int):
            raise TypeError("host must be a str, port an int")
        if not 0 <= port <= 65_535:
            raise ValueError("port must be in 0..65535")
        self.handle = handle
        self.address = host, port
        self.lock = threading.Lock()
        self.connections = {}
        self.finished = Q()
        self.listener = None
        self.stopped = False

    def start(self):
        self.listener = socket.create_server(self.address)
        self.joiner = threading.Thread(target=self.join_workers)
        self.acceptor = threading.Thread(target=self.accept)
        self.joiner.start()
        self.acceptor.start()
        return self.listener.getsockname()

    def stop(self):
        if self.listener is None:
            return
        with self.lock:
            if not self.stopped:
                self.stopped = True
                self.listener.shutdown(socket.SHUT_RDWR)
                for connection in self.connections.values():
                    try:
                        connection.shutdown(socket.SHUT_RD)
                    except OSError:
                        pass
        self.acceptor.join()
        self.listener.close()
        self.joiner.join()

    def accept(self):
        workers = 0
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                with self.lock:
                    if self.stopped:
                        break
                continue
            if self.enter(connection):
                workers += 1
        self.finished.put(workers)

    def enter(self, connection):
        with self.lock:
            if self.stopped:
                connection.close()
                return False
            worker = Worker(self, connection)
            self.connections[worker] = connection
        worker.start()
        return True

    def leave(self, worker):
        with self.lock:
            self.connections.pop(worker).close()
        self.finished.put(worker)

    def join_workers(self):
        joined, expected = 0, None
        while joined != expected:
            item = self.finished.get()
            if isinstance(item, threading.Thread):
                item.join()
                joined += 1
            else:
                expected = item
