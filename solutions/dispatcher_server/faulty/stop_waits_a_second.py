# wrong: stop() waits a second for each worker, and returns though a request may still be handled
# fails: test_stop_waits_for_a_request_of_a_minute
# may fail: test_stop_lets_requests_in_flight_finish, test_stop_joins_a_worker_that_has_answered,
#   test_stop_serves_no_new_client_meanwhile, test_stop_tells_the_busy_from_the_silent
from __future__ import annotations
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
MAX_REQUEST = 65536
'The longest request in bytes, its newline not counted.'
_CHUNK = 65536
_BACKLOG = 256
_PATIENCE = 0.05
'Seconds without a byte after which a worker no longer waits for its client to hang up.'
_LINGER = 2.0
'Seconds after which it no longer waits for a client that goes on sending either.'

class DispatcherServer:

    def __init__(self, handle: Callable[[bytes], bytes], host: str='127.0.0.1', port: int=0) -> None:
        if not callable(handle):
            raise TypeError(f'handle must be callable, not {type(handle).__name__}')
        if not isinstance(host, str):
            raise TypeError(f'host must be a str, not {type(host).__name__}')
        if not isinstance(port, int) or isinstance(port, bool):
            raise TypeError(f'port must be an int, not {type(port).__name__}')
        if not 0 <= port <= 65535:
            raise ValueError(f'port must be in 0..65535, not {port}')
        self._handle = handle
        self._address = (host, port)
        self._listener: socket.socket | None = None
        self._communication: threading.Thread | None = None
        self._stopping = threading.Event()
        self._connections: dict[threading.Thread, socket.socket] = {}
        self._closing = threading.Lock()

    def start(self) -> tuple[str, int]:
        if self._listener is not None:
            raise RuntimeError('a server can be started only once')
        self._listener = socket.create_server(self._address, backlog=_BACKLOG)
        self._communication = threading.Thread(target=self._accept, args=(self._listener,))
        self._communication.start()
        host, port = self._listener.getsockname()
        return (host, port)

    def stop(self) -> None:
        if self._listener is None or self._communication is None:
            return
        self._stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._communication.join()
        self._listener.close()
        for connection in self._connections.values():
            with self._closing, suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
        for worker in self._connections:
            worker.join(1)

    def _accept(self, listener: socket.socket) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                self._stopping.wait(0.01)
                continue
            for ended in [worker for worker in self._connections if not worker.is_alive()]:
                del self._connections[ended]
            worker = threading.Thread(target=self._serve, args=(connection,))
            worker.start()
            self._connections[worker] = connection

    def _serve(self, connection: socket.socket) -> None:
        try:
            request = _read_request(connection)
            if request is not None:
                connection.sendall(self._reply(request))
                _hang_up(connection)
        except OSError:
            pass
        finally:
            with self._closing:
                connection.close()

    def _reply(self, request: bytes) -> bytes:
        try:
            return self._handle(request) + b'\n'
        except Exception:
            return b'error\n'

def _read_request(connection: socket.socket) -> bytes | None:
    received = bytearray()
    while b'\n' not in received:
        if len(received) > MAX_REQUEST:
            return None
        chunk = connection.recv(_CHUNK)
        if not chunk:
            return None
        received += chunk
    request, _, _ = bytes(received).partition(b'\n')
    return request if len(request) <= MAX_REQUEST else None

def _hang_up(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(_PATIENCE)
    deadline = time.monotonic() + _LINGER
    while connection.recv(_CHUNK) and time.monotonic() < deadline:
        pass
