# wrong: stop() copies the list of workers before the communication thread has ended: one started meanwhile is not joined
# fails: test_a_request_races_with_stop, test_a_silent_client_races_with_stop
# may fail: test_clients_that_hang_up_race_with_stop

"""Blocking accept, woken by shutting the listener down; a set of waiting connections under a lock."""

import socket
import threading
import time

MAX_REQUEST = 65_536
LINGER = 1.0


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle must be callable")
        if not isinstance(host, str):
            raise TypeError("host must be a str")
        if isinstance(port, bool) or not isinstance(port, int):
            raise TypeError("port must be an int")
        if not 0 <= port <= 65_535:
            raise ValueError("port must be from 0 to 65535")
        self._handle = handle
        self._host = host
        self._port = port
        self._lock = threading.Lock()
        self._one_stop = threading.Lock()
        self._stopping = False
        self._waiting = set()  # connections without a whole request; under the lock
        self._workers = []  # the communication thread's, until it has been joined
        self._listener = None
        self._dispatcher = None

    def start(self):
        if self._dispatcher is not None:
            raise RuntimeError("the server has been started")
        self._listener = socket.create_server((self._host, self._port), backlog=512)
        address = self._listener.getsockname()[:2]
        self._dispatcher = threading.Thread(target=self._accept, name="dispatcher")
        self._dispatcher.start()
        return address

    def stop(self):
        with self._one_stop:
            with self._lock:
                self._stopping = True
                workers = list(self._workers)
            if self._dispatcher is None:
                return
            try:
                self._listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self._dispatcher.join()
            self._listener.close()
            with self._lock:
                for connection in self._waiting:
                    try:
                        connection.shutdown(socket.SHUT_RD)
                    except OSError:
                        pass
            for worker in workers:
                worker.join()
            self._workers = []

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                if self._stopping:
                    return
                time.sleep(0.01)
                continue
            with self._lock:
                if self._stopping:
                    connection.close()
                    return
                self._waiting.add(connection)
            worker = threading.Thread(target=self._serve, args=(connection,))
            self._workers = [old for old in self._workers if old.is_alive()]
            try:
                worker.start()
            except RuntimeError:
                with self._lock:
                    self._waiting.discard(connection)
                connection.close()
                continue
            self._workers.append(worker)

    def _serve(self, connection):
        with connection:
            try:
                request = self._read(connection)
            except OSError:
                request = None
            with self._lock:
                self._waiting.discard(connection)
                if request is None or self._stopping:
                    return
            try:
                reply = self._handle(request) + b"\n"
            except Exception:
                reply = b"error\n"
            try:
                connection.sendall(reply)
                connection.shutdown(socket.SHUT_WR)
                self._drain(connection)
            except OSError:
                pass

    @staticmethod
    def _read(connection):
        request = bytearray()
        while True:
            piece = connection.recv(8192)
            if not piece:
                return None
            at = piece.find(b"\n")
            if at >= 0:
                request += piece[:at]
                return bytes(request) if len(request) <= MAX_REQUEST else None
            request += piece
            if len(request) > MAX_REQUEST:
                return None

    @staticmethod
    def _drain(connection):
        end = time.monotonic() + LINGER
        while (left := end - time.monotonic()) > 0:
            connection.settimeout(left)
            if not connection.recv(65_536):
                return
