"""start() notes on a stack how each of its steps is undone, and stop() undoes them; clients come out of a generator."""

import socket
import threading
from contextlib import ExitStack, suppress
from functools import partial

LIMIT = 65_536


def arrivals(listener, stopping):
    """Yield a connection for each client, until the server stops."""
    while not stopping.is_set():
        try:
            connection, _ = listener.accept()
        except OSError:
            continue
        yield connection


def dismiss(visits):
    """Tell each worker that nothing more will come, and wait until it is gone."""
    for _, connection in visits:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RD)
    for worker, _ in visits:
        worker.join()


def wake(listener, stopping):
    stopping.set()
    listener.shutdown(socket.SHUT_RDWR)


def lines(connection):
    """Yield the line of the client, if there is a whole one that is not too long."""
    with connection.makefile("rb") as file:
        line = file.readline(LIMIT + 1)
    if line.endswith(b"\n"):
        yield line.removesuffix(b"\n")


def answer(handle, request):
    try:
        return handle(request)
    except Exception:
        return b"error"


def serve(handle, connection):
    with connection, suppress(OSError):
        for request in lines(connection):
            connection.sendall(answer(handle, request) + b"\n")
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(0.06)
            for _, _ in zip(range(5000), iter(partial(connection.recv, LIMIT), b"")):
                pass


def accept(handle, listener, stopping, visits):
    for connection in arrivals(listener, stopping):
        worker = threading.Thread(target=partial(serve, handle, connection))
        worker.start()
        visits[:] = [visit for visit in visits if visit[0].is_alive()]
        visits.append((worker, connection))


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
        self.undo = ExitStack()
        self.one_stop = threading.Lock()

    def start(self):
        visits, stopping = [], threading.Event()
        with ExitStack() as undo:
            listener = undo.enter_context(socket.create_server(self.address))
            acceptor = threading.Thread(target=accept, args=(self.handle, listener, stopping, visits))
            acceptor.start()
            undo.callback(dismiss, visits)
            undo.callback(acceptor.join)
            undo.callback(wake, listener, stopping)
            self.undo = undo.pop_all()
        return listener.getsockname()

    def stop(self):
        with self.one_stop:
            self.undo.close()
