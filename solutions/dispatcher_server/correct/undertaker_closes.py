"""A worker ends with its reply; what has to be read away afterwards is left to a thread that closes connections."""

import queue
import selectors
import socket
import threading
import time

MAX_REQUEST = 65_536
PATIENCE = 1.0


class Undertaker(threading.Thread):
    """Reads away what clients still send, for a second at most each, and closes their connections."""

    def __init__(self):
        super().__init__(name="undertaker")
        self.inbox = queue.Queue()

    def bury(self, connection):
        self.inbox.put(connection)

    def finish(self):
        """No connection comes after this."""
        self.inbox.put(None)

    def run(self):
        open_for_more = True
        with selectors.DefaultSelector() as selector:
            while open_for_more or selector.get_map():
                try:
                    busy = bool(selector.get_map())
                    while open_for_more:
                        connection = self.inbox.get(block=not busy)
                        if connection is None:
                            open_for_more = False
                        else:
                            connection.setblocking(False)
                            selector.register(connection, selectors.EVENT_READ, time.monotonic() + PATIENCE)
                            busy = True
                except queue.Empty:
                    pass
                if not selector.get_map():
                    continue
                readable = {key.fileobj for key, _ in selector.select(timeout=0.02)}
                for key in list(selector.get_map().values()):
                    over = time.monotonic() >= key.data
                    if key.fileobj in readable:
                        try:
                            over |= not key.fileobj.recv(1 << 18)
                        except BlockingIOError:
                            pass
                        except OSError:
                            over = True
                    if over:
                        selector.unregister(key.fileobj)
                        key.fileobj.close()


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle must be callable")
        if not isinstance(host, str):
            raise TypeError("host must be a str")
        if not isinstance(port, int) or isinstance(port, bool):
            raise TypeError("port must be an int")
        if not 0 <= port <= 65_535:
            raise ValueError("port must be in 0..65535")
        self.handle = handle
        self.address = (host, port)
        self.lock = threading.Condition(threading.Lock())
        self.stopping = False
        self.reading = {}
        self.workers = {}
        self.numbers = 0
        self.undertaker = None

    def start(self):
        self.listener = socket.create_server(self.address, backlog=300)
        bound = self.listener.getsockname()
        self.undertaker = Undertaker()
        self.undertaker.start()
        self.communication = threading.Thread(target=self.communicate, name="communication")
        self.communication.start()
        return bound[:2]

    def stop(self):
        if self.undertaker is None:
            return
        with self.lock:
            first = not self.stopping
            self.stopping = True
            if first:
                try:
                    self.listener.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        self.communication.join()
        with self.lock:
            self.listener.close()
            for connection in self.reading.values():
                try:
                    connection.shutdown(socket.SHUT_RD)
                except OSError:
                    pass
        for worker in self.workers.values():
            worker.join()
        self.undertaker.finish()
        self.undertaker.join()

    def communicate(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                with self.lock:
                    if self.stopping:
                        return
                time.sleep(0.01)
                continue
            for number in [number for number, worker in self.workers.items() if not worker.is_alive()]:
                del self.workers[number]
            self.numbers += 1
            worker = threading.Thread(target=self.work, args=(self.numbers, connection))
            with self.lock:
                self.reading[self.numbers] = connection
            try:
                worker.start()
            except RuntimeError:
                with self.lock:
                    del self.reading[self.numbers]
                connection.close()
            else:
                self.workers[self.numbers] = worker

    def work(self, number, connection):
        try:
            request = self.read(connection)
        except OSError:
            request = None
        with self.lock:
            del self.reading[number]
            if self.stopping:
                request = None
        if request is None:
            connection.close()
            return
        try:
            reply = self.handle(request) + b"\n"
        except BaseException:
            reply = b"error\n"
        try:
            connection.sendall(reply)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            connection.close()
        else:
            self.undertaker.bury(connection)

    def read(self, connection):
        request = b""
        while b"\n" not in request:
            if len(request) > MAX_REQUEST:
                return None
            piece = connection.recv(32_768)
            if not piece:
                return None
            request += piece
        request, _, _ = request.partition(b"\n")
        if len(request) > MAX_REQUEST:
            return None
        return request
