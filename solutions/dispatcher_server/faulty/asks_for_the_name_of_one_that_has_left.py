# wrong: the communication thread asks for the address of a client that has already left: the error ends it
# fails: test_a_client_that_has_left_before_it_is_accepted_harms_nobody
"""A TCP server with one communication thread and a new worker thread for each request.

`shutdown(wait=False)` lets an executor's only thread end by itself after its only task;
`shutdown(wait=True)` may be called later and joins the thread.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

MAX_REQUEST = 65_536

logger = logging.getLogger(__name__)


class _Job:
    """A connection, with the executor that serves it."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="request")
        self.thread: threading.Thread | None = None
        self.abandoned = False
        self.begun = False
        self.lock = threading.Lock()

    @property
    def over(self) -> bool:
        return self.thread is not None and not self.thread.is_alive()

    def abandon(self) -> None:
        with self.lock:
            self.abandoned = True
            if not self.begun:
                with suppress(OSError):
                    self.sock.shutdown(socket.SHUT_RDWR)

    def begin(self) -> bool:
        with self.lock:
            self.begun = not self.abandoned
            return self.begun

    def close(self) -> None:
        with self.lock:
            self.begun = True
            self.sock.close()


class DispatcherServer:
    def __init__(self, handle: Callable[[bytes], bytes], host: str = "127.0.0.1", port: int = 0) -> None:
        if not callable(handle):
            raise TypeError("handle must be callable")
        if not isinstance(host, str):
            raise TypeError("host must be a str")
        if not isinstance(port, int) or isinstance(port, bool):
            raise TypeError("port must be an int")
        if not 0 <= port <= 0xFFFF:
            raise ValueError("port must be in 0..65535")
        self._handle = handle
        self._endpoint = host, port
        self._jobs: list[_Job] = []
        self._quit = threading.Event()
        self._accept_thread: threading.Thread | None = None

    def start(self) -> tuple[str, int]:
        """Listen, start the communication thread, and return the address bound."""
        if self._accept_thread is not None:
            raise RuntimeError("already running")
        listener = socket.create_server(self._endpoint, backlog=512)
        listener.settimeout(0.05)
        self._accept_thread = threading.Thread(target=self._accept, args=(listener,))
        try:
            self._accept_thread.start()
        except RuntimeError:
            listener.close()
            raise
        return listener.getsockname()

    def _accept(self, listener: socket.socket) -> None:
        with listener:
            while not self._quit.is_set():
                try:
                    sock, _ = listener.accept()
                except TimeoutError:
                    continue
                except OSError as exc:
                    logger.warning("accept: %s", exc)
                    time.sleep(0.01)
                    continue
                logger.debug("new client: %s:%d", *sock.getpeername()[:2])
                self._jobs = [job for job in self._jobs if not job.over]
                job = _Job(sock)
                try:
                    job.executor.submit(self._serve, job)
                except RuntimeError:
                    job.close()
                else:
                    self._jobs.append(job)
                finally:
                    job.executor.shutdown(wait=False)

    def _serve(self, job: _Job) -> None:
        job.thread = threading.current_thread()
        try:
            request = self._receive(job.sock)
            if request is not None and job.begin():
                self._transmit(job.sock, self._compute(request))
        except OSError as exc:
            logger.debug("client gone: %s", exc)
        finally:
            job.close()

    @staticmethod
    def _receive(sock: socket.socket) -> bytes | None:
        buffer = bytearray(MAX_REQUEST + 1)
        filled = 0
        with memoryview(buffer) as view:
            while filled < len(buffer):
                count = sock.recv_into(view[filled:])
                if count == 0:
                    return None
                position = buffer.find(b"\n", filled, filled + count)
                if position >= 0:
                    return bytes(view[:position])
                filled += count
        return None

    def _compute(self, request: bytes) -> bytes:
        try:
            return self._handle(request) + b"\n"
        except BaseException as exc:  # SystemExit must not end the worker before the client knows
            logger.debug("handle: %r", exc)
            return b"error\n"

    @staticmethod
    def _transmit(sock: socket.socket, data: bytes) -> None:
        view = memoryview(data)
        sock.settimeout(0.1)
        while view:
            try:
                view = view[sock.send(view) :]
            except TimeoutError:
                with suppress(TimeoutError, BlockingIOError):
                    while sock.recv(65_536, socket.MSG_DONTWAIT):
                        pass
        sock.shutdown(socket.SHUT_WR)
        sock.settimeout(0.5)
        started = time.monotonic()
        with suppress(TimeoutError):
            while time.monotonic() - started < 5.0:
                if not sock.recv(65_536):
                    break

    def stop(self) -> None:
        if self._accept_thread is None:
            return
        self._quit.set()
        self._accept_thread.join()
        for job in self._jobs:
            job.abandon()
        for job in self._jobs:
            job.executor.shutdown(wait=True)
