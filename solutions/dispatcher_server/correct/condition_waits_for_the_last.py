"""One condition guards the server's state; stop() waits for it until nobody is present, then joins the threads."""

import socket
import threading

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
        self.changed = threading.Condition()
        self.state = "new"
        self.reading = set()
        self.present = 0
        self.threads = set()

    def start(self):
        self.listener = socket.create_server(self.address, backlog=200)
        with self.changed:
            self.state = "running"
            self.begin(self.accept)
        return self.listener.getsockname()

    def begin(self, *work):
        """Start a thread; with the lock held, so that stop() sees either nothing of it or all."""
        thread = threading.Thread(target=self.run, args=work)
        self.threads = {other for other in self.threads if other.is_alive()} | {thread}
        self.present += 1
        thread.start()

    def run(self, work, *arguments):
        try:
            work(*arguments)
        finally:
            with self.changed:
                self.present -= 1
                self.changed.notify_all()

    def stop(self):
        with self.changed:
            if self.state == "new":
                return
            if self.state == "running":
                self.state = "stopping"
                self.listener.shutdown(socket.SHUT_RDWR)
                for connection in self.reading:
                    self.cut_off(connection)
            while self.present > 0:
                self.changed.wait()
        for thread in self.threads:
            thread.join()
        self.listener.close()

    def cut_off(self, connection):
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                with self.changed:
                    if self.state == "stopping":
                        return
                    continue
            with self.changed:
                if self.state == "stopping":
                    connection.close()
                    return
                self.reading.add(connection)
                self.begin(self.serve, connection)

    def serve(self, connection):
        try:
            request = self.read(connection)
            with self.changed:
                self.reading.remove(connection)
                if self.state == "stopping":
                    request = None
            if request is not None:
                self.answer(connection, request)
        finally:
            connection.close()

    def read(self, connection):
        data = b""
        try:
            while b"\n" not in data and len(data) <= LIMIT:
                piece = connection.recv(7000)
                if not piece:
                    return None
                data += piece
        except OSError:
            return None
        line = data.partition(b"\n")[0]
        return line if len(line) <= LIMIT else None

    def answer(self, connection, request):
        try:
            reply = self.handle(request)
        except Exception:
            reply = b"error"
        try:
            connection.sendall(reply + b"\n")
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(0.05)
            for _ in range(3000):
                if not connection.recv(LIMIT):
                    break
        except OSError:
            pass
