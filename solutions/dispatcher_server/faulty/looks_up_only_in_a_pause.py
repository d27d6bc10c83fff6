# wrong: a worker looks whether to stop only when nothing has come for a moment: a client that never pauses keeps stop() waiting
# fails: test_stop_does_not_wait_for_a_line_that_goes_on_and_on

import socket as s
import threading as t

MOMENT = 0.1


class Worker(t.Thread):
    def __init__(self, connection, handle, stopping):
        super().__init__()
        self.connection = connection
        self.handle = handle
        self.stopping = stopping

    def run(self):
        with self.connection:
            try:
                request = self.request()
                if request is not None:
                    self.connection.settimeout(None)
                    self.connection.sendall(self.reply(request) + b"\n")
                    self.read_away()
            except OSError:
                return

    def request(self):
        self.connection.settimeout(MOMENT)
        data = b""
        while True:
            try:
                piece = self.connection.recv(65_537)
            except TimeoutError:
                if self.stopping.is_set():
                    return None
                continue
            data += piece
            end = data.find(b"\n")
            if end > 65_536 or (end < 0 and len(data) > 65_536) or not piece:
                return None
            if end >= 0:
                return data[:end]

    def reply(self, request):
        try:
            return self.handle(request)
        except Exception:
            return b"error"

    def read_away(self):
        self.connection.shutdown(s.SHUT_WR)
        self.connection.settimeout(MOMENT)
        while self.connection.recv(65_536) and not self.stopping.is_set():
            continue


class DispatcherServer(object):
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError
        if type(host) is not str or type(port) is not int:
            raise TypeError
        if port < 0 or port > 0xFFFF:
            raise ValueError
        self.handle = handle
        self.listener = s.socket(s.AF_INET, s.SOCK_STREAM)
        self.address = (host, port)
        self.stopping = t.Event()
        self.acceptor = None

    def start(self):
        self.listener.setsockopt(s.SOL_SOCKET, s.SO_REUSEADDR, True)
        self.listener.bind(self.address)
        self.listener.listen()
        self.listener.settimeout(MOMENT)
        self.acceptor = t.Thread(target=self.accept)
        self.acceptor.start()
        return self.listener.getsockname()

    def stop(self):
        self.stopping.set()
        if self.acceptor:
            self.acceptor.join()
        self.listener.close()

    def accept(self):
        workers = []
        while not self.stopping.is_set():
            try:
                connection, _ = self.listener.accept()
            except TimeoutError:
                workers = [worker for worker in workers if worker.is_alive()]
                continue
            worker = Worker(connection, self.handle, self.stopping)
            worker.start()
            workers.append(worker)
        self.listener.close()
        for worker in workers:
            worker.join()
