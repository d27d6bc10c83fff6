"""stop() wakes the accepting thread by connecting to it; everything imported by name or by star."""

from socket import *
from threading import *
from time import monotonic

LIMIT = 65536


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle")
        if not isinstance(host, str):
            raise TypeError("host")
        if not isinstance(port, int):
            raise TypeError("port")
        if not 0 <= port < 65536:
            raise ValueError("port")
        self.handle, self.where = handle, (host, port)
        self.mutex = Lock()
        self.waiting = set()
        self.workers = []
        self.going = False

    def start(self):
        self.listener = socket()
        self.listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        self.listener.bind(self.where)
        self.listener.listen(SOMAXCONN)
        self.where = self.listener.getsockname()
        self.going = True
        self.main = Thread(target=self.run)
        self.main.start()
        return self.where

    def stop(self):
        with self.mutex:
            if not self.going:
                return
            self.going = False
        try:
            create_connection(self.where).close()
        except OSError:
            pass
        self.main.join()
        self.listener.close()
        with self.mutex:
            for connection in self.waiting:
                try:
                    connection.shutdown(SHUT_RDWR)
                except OSError:
                    pass
        for worker in self.workers:
            worker.join()

    def run(self):
        while True:
            connection, peer = self.listener.accept()
            if not self.going:
                connection.close()
                return
            with self.mutex:
                self.waiting.add(connection)
            worker = Thread(target=self.work, args=[connection])
            self.workers = [w for w in self.workers if w.is_alive()] + [worker]
            worker.start()

    def work(self, connection):
        try:
            line = self.line(connection)
            with self.mutex:  # from here on stop() leaves the connection alone
                self.waiting.remove(connection)
                if not self.going:
                    line = None
            if line is not None:
                self.answer(connection, line)
        except OSError:
            pass
        finally:
            with self.mutex:
                self.waiting.discard(connection)
                connection.close()

    def line(self, connection):
        pieces, length = [], 0
        while length <= LIMIT:
            try:
                piece = connection.recv(8192)
            except ConnectionError:
                return None
            if not piece:
                return None
            before, newline, after = piece.partition(b"\n")
            pieces.append(before)
            length += len(before)
            if newline:
                return b"".join(pieces) if length <= LIMIT else None
        return None

    def answer(self, connection, line):
        try:
            reply = self.handle(line)
        except BaseException:
            reply = b"error"
        connection.sendall(b"%b\n" % reply)
        connection.shutdown(SHUT_WR)
        until = monotonic() + 0.2
        while (left := until - monotonic()) > 0:
            connection.settimeout(left)
            if connection.recv(LIMIT) == b"":
                break
