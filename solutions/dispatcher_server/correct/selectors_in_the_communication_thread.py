"""The communication thread waits for all clients at once; a worker starts when a whole line is there."""

import contextlib
import selectors
import socket
import threading


class DispatcherServer:
    LIMIT = 65536

    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle) or not isinstance(host, str) or isinstance(port, bool) or not isinstance(port, int):
            raise TypeError("handle, host or port is of a wrong type")
        if port not in range(65536):
            raise ValueError("no such port")
        self._handle, self._host, self._port = handle, host, port
        self._loop = None
        self._workers = []
        self._stop_asked = False

    def start(self):
        self._listener = socket.create_server((self._host, self._port), backlog=100)
        self._listener.setblocking(False)
        self._waker, self._woken = socket.socketpair()
        self._loop = threading.Thread(target=self._communicate)
        self._loop.start()
        return self._listener.getsockname()

    def stop(self):
        if self._loop is None:
            return
        if not self._stop_asked:
            self._stop_asked = True
            with contextlib.suppress(OSError):  # the communication thread has seen it already, and closed the other end
                self._waker.send(b"!")
        self._loop.join()
        for worker in self._workers:
            worker.join()
        self._waker.close()

    def _communicate(self):
        half = {}
        with selectors.DefaultSelector() as selector, self._listener, self._woken:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self._stop_asked:
                for key, _ in selector.select():
                    if key.fileobj is self._listener:
                        with contextlib.suppress(BlockingIOError, ConnectionError):
                            client, _ = self._listener.accept()
                            client.setblocking(False)
                            half[client] = bytearray()
                            selector.register(client, selectors.EVENT_READ)
                    elif key.fileobj is not self._woken:
                        client = key.fileobj
                        if self._read(client, half[client]):
                            selector.unregister(client)
                            self._dispatch(client, half.pop(client))
            for client in half:
                client.close()

    def _read(self, client, data):
        """Whether no more is needed of this client: a line, too much, or all there is."""
        try:
            piece = client.recv(10_000)
        except BlockingIOError:
            return False
        except OSError:
            piece = b""
        data += piece
        return not piece or b"\n" in data or len(data) > self.LIMIT

    def _dispatch(self, client, data):
        line, newline, _ = bytes(data).partition(b"\n")
        if not newline or len(line) > self.LIMIT:
            client.close()
            return
        client.setblocking(True)
        self._workers = [worker for worker in self._workers if worker.is_alive()]
        worker = threading.Thread(target=self._work, args=(client, line))
        worker.start()
        self._workers.append(worker)

    def _work(self, client, line):
        try:
            answer = self._handle(line)
        except Exception:
            answer = b"error"
        with client, contextlib.suppress(OSError):
            client.sendall(answer)
            client.sendall(b"\n")
            client.shutdown(socket.SHUT_WR)
            client.settimeout(0.1)
            for _ in range(1000):
                if not client.recv(100_000):
                    break
