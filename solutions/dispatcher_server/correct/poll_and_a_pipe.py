"""select.poll over the listener and a pipe, into which stop() writes."""

import os
import select
import socket
import threading
import time

MAX_REQUEST = 65_536


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
        self._handle = handle
        self._host = host
        self._port = port
        self._state = threading.Lock()
        self._running = False

    def start(self):
        with self._state:
            listener = socket.socket()
            try:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((self._host, self._port))
                listener.listen(256)
                listener.setblocking(False)
                self._pipe_out, self._pipe_in = os.pipe()
            except OSError:
                listener.close()
                raise
            self._listener = listener
            self._workers = set()
            self._thread = threading.Thread(target=self._communicate)
            self._thread.start()
            self._running = True
            return listener.getsockname()[:2]

    def stop(self):
        with self._state:
            if not self._running:
                return
            os.close(self._pipe_in)
            self._thread.join()
            self._listener.close()
            while self._workers:
                self._workers.pop().join()
            os.close(self._pipe_out)
            self._running = False

    def _wait_for(self, sock):
        """True when the socket can be read, False when the server is being stopped."""
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        poll.register(self._pipe_out, select.POLLIN)
        events = poll.poll()
        return all(fd != self._pipe_out for fd, _ in events)

    def _communicate(self):
        while self._wait_for(self._listener):
            try:
                connection, _ = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                continue
            except OSError:
                time.sleep(0.05)
                continue
            connection.setblocking(True)
            for worker in [worker for worker in self._workers if not worker.is_alive()]:
                self._workers.remove(worker)
            worker = threading.Thread(target=self._work, args=(connection,))
            try:
                worker.start()
            except RuntimeError:
                connection.close()
            else:
                self._workers.add(worker)

    def _work(self, connection):
        with connection:
            try:
                request = self._request(connection)
            except OSError:
                return
            if request is None:
                return
            try:
                reply = self._handle(request) + b"\n"
            except Exception:
                reply = b"error\n"
            try:
                connection.sendall(reply)
                connection.shutdown(socket.SHUT_WR)
                self._swallow(connection)
            except OSError:
                return

    def _request(self, connection):
        request = b""
        while self._wait_for(connection):
            more = connection.recv(MAX_REQUEST + 1 - len(request))
            if not more:
                break
            request += more
            if b"\n" in more:
                return request.split(b"\n", 1)[0]
            if len(request) > MAX_REQUEST:
                break
        return None

    def _swallow(self, connection):
        """Reads away what still comes, for a second at most."""
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        end = time.monotonic() + 1
        while (left := end - time.monotonic()) > 0:
            if not poll.poll(left * 1000) or not connection.recv(100_000):
                return
