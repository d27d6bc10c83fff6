"""A future for each client, made by hand: either its worker sets it running, or stop() cancels it."""

import socket
import threading
import time
from concurrent.futures import Future, wait

LIMIT = 65_536


class Dropped(Exception):
    """The client has sent no request that can be handled, or does not wait for the reply."""


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle must be callable")
        if not isinstance(host, str) or isinstance(port, bool) or not isinstance(port, int):
            raise TypeError("host must be a str, port an int")
        if not 0 <= port <= 65_535:
            raise ValueError("port must be in 0..65535")
        self._handle = handle
        self._where = (host, port)
        self._visits = []
        self._stopping = threading.Event()
        self._acceptor = None

    def start(self):
        self._listener = socket.create_server(self._where, backlog=64)
        self._acceptor = threading.Thread(target=self._accept)
        self._acceptor.start()
        return self._listener.getsockname()

    def stop(self):
        if self._acceptor is None:
            return
        self._stopping.set()
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._acceptor.join()
        self._listener.close()
        for connection, future, _ in self._visits:
            if future.cancel():
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        wait([future for _, future, _ in self._visits])
        for _, _, thread in self._visits:
            thread.join()

    def _accept(self):
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                continue
            future = Future()
            thread = threading.Thread(target=self._serve, args=(connection, future))
            thread.start()
            self._visits = [visit for visit in self._visits if visit[2].is_alive()]
            self._visits.append((connection, future, thread))

    def _serve(self, connection, future):
        with connection:
            try:
                line = self._line(connection)
            except (OSError, Dropped):
                future.cancel()
                future.set_running_or_notify_cancel()  # tells wait()
                return
            if not future.set_running_or_notify_cancel():
                return  # stop() was first
            try:
                future.set_result(self._handle(line))
            except BaseException as error:
                future.set_exception(error)
            try:
                self._answer(connection, future)
            except OSError:
                return

    def _line(self, connection):
        data = b""
        while b"\n" not in data:
            piece = connection.recv(LIMIT + 1 - len(data)) if len(data) <= LIMIT else b""
            if not piece:
                raise Dropped
            data += piece
        return data[: data.index(b"\n")]

    def _answer(self, connection, future):
        reply = future.result() if future.exception() is None else b"error"
        connection.sendall(reply + b"\n")
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(0.05)
        began = time.monotonic()
        while connection.recv(LIMIT) and time.monotonic() - began < 1:
            pass
