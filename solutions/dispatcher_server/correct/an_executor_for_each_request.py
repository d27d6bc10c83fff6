"""Each client gets an executor of its own, with one thread, that is shut down after its one piece of work."""

import concurrent.futures
import contextlib
import socket


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError(f"not callable: {handle!r}")
        for value, kind in ((host, str), (port, int)):
            if not isinstance(value, kind):
                raise TypeError(f"not of type {kind.__name__}: {value!r}")
        if not 0 <= port <= 65_535:
            raise ValueError(f"not a port: {port}")
        self._handle = handle
        self._address = (host, port)
        self._executors = []
        self._connections = []
        self._communication = None

    def start(self):
        self._listener = socket.create_server(self._address, backlog=64)
        self._communication = concurrent.futures.ThreadPoolExecutor(1)
        self._communication.submit(self._accept)
        return self._listener.getsockname()

    def stop(self):
        if self._communication is None:
            return
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._communication.shutdown()
        self._listener.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
        for executor in self._executors:
            executor.shutdown()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                executor = concurrent.futures.ThreadPoolExecutor(max_workers=1)
                executor.submit(self._serve, connection)
                executor.shutdown(wait=False)
                self._connections.append(connection)
                self._executors.append(executor)

    def _serve(self, connection):
        with connection, contextlib.suppress(OSError):
            line = b""
            while not line.endswith(b"\n"):
                if len(line) > 65_536:
                    return
                # look first, so that nothing beyond the newline is read yet
                seen = connection.recv(65_537 - len(line), socket.MSG_PEEK)
                if not seen:
                    return
                line += connection.recv(seen.find(b"\n") + 1 or len(seen))
            try:
                reply = self._handle(line[:-1])
            except Exception:
                reply = b"error"
            connection.sendall(b"".join((reply, b"\n")))
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(0.08)
            while connection.recv(1 << 20):
                pass
