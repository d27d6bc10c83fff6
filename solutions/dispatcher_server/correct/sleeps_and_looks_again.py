"""Nothing waits in accept or join: the listener does not block, and whoever waits sleeps a little and looks again."""

import socket
import threading as t
from time import monotonic, sleep

NAP = 0.015
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
        self.listener = None
        self.stopping = False
        self.workers = []

    def start(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(self.address)
        self.listener.listen(128)
        self.listener.setblocking(False)
        address = self.listener.getsockname()
        self.acceptor = t.Thread(target=self.accept)
        self.acceptor.start()
        return address

    def stop(self):
        if self.listener is None:
            return
        self.stopping = True
        while self.acceptor.is_alive():
            sleep(NAP)
        for _, connection in self.workers:
            try:
                connection.shutdown(socket.SHUT_RD)
            except OSError:
                pass
        while any([worker.is_alive() for worker, _ in self.workers]):
            sleep(NAP)

    def accept(self):
        while not self.stopping:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                self.workers = [pair for pair in self.workers if pair[0].is_alive()]
                sleep(NAP)
                continue
            connection.setblocking(True)
            worker = t.Thread(target=self.serve, args=(connection,))
            worker.start()
            self.workers.append((worker, connection))
        self.listener.close()

    def serve(self, connection):
        try:
            data = connection.recv(LIMIT)
            while data and b"\n" not in data and len(data) <= LIMIT:
                more = connection.recv(LIMIT)
                data = data + more if more else b""
            line, newline, _ = data.partition(b"\n")
            if newline and len(line) <= LIMIT:
                try:
                    reply = self.handle(line)
                except Exception:
                    reply = b"error"
                connection.sendall(reply + b"\n")
                connection.shutdown(socket.SHUT_WR)
                connection.setblocking(False)
                give_up, naps = monotonic() + 2, 5
                while naps and monotonic() < give_up:
                    try:
                        if not connection.recv(LIMIT):
                            break
                    except BlockingIOError:
                        naps -= 1
                        sleep(NAP)
        except OSError:
            pass
        finally:
            connection.close()
