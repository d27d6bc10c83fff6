# wrong: the communication thread waits up to a second for the first byte of a client: one that is silent delays all others
# fails: test_silent_clients_cost_the_others_no_time
# may fail: test_it_holds_200_clients_at_once, test_many_silent_clients_and_half_lines_delay_nobody
from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable

MAX_REQUEST = 65_536


class DispatcherServer:
    """A server made of nested functions; `stop()` is one `ExitStack.close()`."""

    def __init__(self, handle: Callable[[bytes], bytes], host: str = "127.0.0.1", port: int = 0) -> None:
        if not callable(handle):
            raise TypeError("handle must be callable")
        if not isinstance(host, str):
            raise TypeError("host must be a str")
        if isinstance(port, bool) or not isinstance(port, int):
            raise TypeError("port must be an int")
        if port < 0 or port > 65_535:
            raise ValueError("port must be in 0..65535")
        self._arguments = (handle, host, port)
        self._cleanup = contextlib.ExitStack()
        self._started = False

    def start(self) -> tuple[str, int]:
        if self._started:
            raise RuntimeError("a DispatcherServer can be started once")
        handle, host, port = self._arguments
        lock = threading.Lock()
        stopping = False
        idle: list[socket.socket] = []  # connections that may be shut down at any time
        workers: list[threading.Thread] = []

        def read_line(conn: socket.socket) -> bytes | None:
            data = bytearray()
            while (cut := data.find(b"\n")) < 0:
                if len(data) > MAX_REQUEST:
                    return None
                block = conn.recv(32_768)
                if not block:
                    return None
                data += block
            return bytes(data[:cut]) if cut <= MAX_REQUEST else None

        def throw_away(conn: socket.socket, timeout: float, seconds: float) -> None:
            conn.settimeout(timeout)
            stop_at = time.monotonic() + seconds
            with contextlib.suppress(TimeoutError, BlockingIOError):
                while conn.recv(131_072) and time.monotonic() < stop_at:
                    pass

        def write_reply(conn: socket.socket, reply: bytes) -> None:
            todo = memoryview(reply)
            while todo:
                conn.settimeout(0.05)
                with contextlib.suppress(TimeoutError):
                    todo = todo[conn.send(todo) :]
                    continue
                throw_away(conn, timeout=0.0, seconds=1.0)
            conn.shutdown(socket.SHUT_WR)
            throw_away(conn, timeout=0.5, seconds=4.0)

        def may_handle(conn: socket.socket) -> bool:
            with lock:
                idle.remove(conn)
                return not stopping

        def work(conn: socket.socket) -> None:
            with contextlib.ExitStack() as leaving:
                leaving.callback(conn.close)
                leaving.callback(forget, conn)
                leaving.enter_context(contextlib.suppress(OSError))
                request = read_line(conn)
                if request is None or not may_handle(conn):
                    return
                try:
                    reply = handle(request) + b"\n"
                except BaseException:
                    reply = b"error\n"
                write_reply(conn, reply)

        def forget(conn: socket.socket) -> None:
            with lock:
                if conn in idle:
                    idle.remove(conn)

        def accept() -> None:
            while not stopping:
                try:
                    conn, _ = listener.accept()
                except OSError:
                    time.sleep(0.001)
                    continue
                # Port scanners connect and say nothing; do not waste a thread on them.
                conn.settimeout(1.0)
                with contextlib.suppress(TimeoutError):
                    try:
                        if conn.recv(1, socket.MSG_PEEK) == b"":
                            conn.close()
                            continue
                    except ConnectionError:
                        conn.close()
                        continue
                conn.settimeout(None)
                with lock:
                    idle.append(conn)
                workers[:] = [worker for worker in workers if worker.is_alive()]
                worker = threading.Thread(target=work, args=(conn,))
                try:
                    worker.start()
                except RuntimeError:
                    forget(conn)
                    conn.close()
                else:
                    workers.append(worker)

        def end_accepting() -> None:
            nonlocal stopping
            with lock:
                stopping = True
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            acceptor.join()

        def end_idle() -> None:
            with lock:
                for conn in idle:
                    with contextlib.suppress(OSError):
                        conn.shutdown(socket.SHUT_RDWR)

        def join_workers() -> None:
            for worker in workers:
                worker.join()

        with contextlib.ExitStack() as stack:
            listener = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.listen(999)
            address: tuple[str, int] = listener.getsockname()
            acceptor = threading.Thread(target=accept)
            acceptor.start()
            stack.pop_all()  # all went well: the listener stays open
        self._started = True
        for step in reversed((end_accepting, listener.close, end_idle, join_workers)):
            self._cleanup.callback(step)
        return address

    def stop(self) -> None:
        self._cleanup.close()
