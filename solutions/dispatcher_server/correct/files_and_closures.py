"""A file object reads the line, and closures hold what belongs to one run of the server."""

import socket
from contextlib import ExitStack, suppress
from threading import Event, Thread


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle")
        if not isinstance(host, str) or not isinstance(port, int):
            raise TypeError("host or port")
        if port < 0 or port >= 1 << 16:
            raise ValueError("port")
        self.handle = handle
        self.host = host
        self.port = port
        self.end = lambda: None

    def start(self):
        handle = self.handle
        listener = socket.create_server((self.host, self.port))
        over = Event()
        known = []

        def answer(request):
            try:
                return handle(request)
            except Exception:
                return b"error"

        def serve(connection):
            with ExitStack() as stack:
                stack.enter_context(suppress(OSError))
                stack.enter_context(connection)
                file = stack.enter_context(connection.makefile("rb"))
                line = file.readline(65_537)
                if line[-1:] != b"\n":
                    return
                connection.sendall(answer(line[:-1]) + b"\n")
                connection.shutdown(socket.SHUT_WR)
                connection.settimeout(0.05)
                while connection.recv(99_999):
                    pass

        def accept():
            while not over.is_set():
                with suppress(OSError):
                    connection, _ = listener.accept()
                    thread = Thread(target=serve, args=(connection,))
                    thread.start()
                    known.append((thread, connection))
                known[:] = [(thread, connection) for thread, connection in known if thread.is_alive()]

        accepting = Thread(target=accept)

        def end():
            over.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            listener.close()
            for thread, connection in known:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RD)
            for thread, connection in known:
                thread.join()

        self.end = end
        accepting.start()
        return listener.getsockname()

    def stop(self):
        self.end()
