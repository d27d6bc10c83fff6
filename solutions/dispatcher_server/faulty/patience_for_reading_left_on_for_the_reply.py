# wrong: the time-out of reading is still on when the reply is sent: a client that begins to read it later gets a part
# fails: test_a_slow_client_gets_its_reply
"""Nobody is ever woken: whoever waits for the network looks at an event twice a second."""

import threading
from socket import SHUT_WR, create_server
from threading import Event, Thread, current_thread
from time import monotonic, sleep

MAX_REQUEST = 65_536
TICK = 0.5


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle must be callable")
        if not isinstance(host, str):
            raise TypeError("host must be a string")
        if type(port) is not int:
            raise TypeError("port must be an integer")
        if port not in range(65_536):
            raise ValueError("port out of range")
        self._handle = handle
        self._where = (host, port)
        self._stop = Event()
        self._all = threading.Condition()  # guards _threads
        self._threads = set()
        self._communication = None

    def start(self):
        listener = create_server(self._where, backlog=300)
        listener.settimeout(TICK)
        where = listener.getsockname()[:2]
        self._communication = Thread(target=self._communicate, args=(listener,))
        self._communication.start()
        return where

    def stop(self):
        self._stop.set()
        if self._communication is None:
            return
        self._communication.join()
        # Nobody is added any more. Those who have reported are joined too: they are the next ones to end.
        with self._all:
            rest = list(self._threads)
        for thread in rest:
            thread.join()

    def _communicate(self, listener):
        with listener:
            while not self._stop.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                except OSError:
                    sleep(TICK)
                    continue
                if self._stop.is_set():
                    connection.close()
                    break
                worker = Thread(target=self._work, args=(connection,))
                with self._all:
                    self._threads = {thread for thread in self._threads if thread.is_alive()}
                try:
                    worker.start()
                except RuntimeError:
                    connection.close()
                    continue
                with self._all:
                    self._threads.add(worker)

    def _work(self, connection):
        assert current_thread() is not self._communication
        try:
            connection.settimeout(TICK)
            request = self._read(connection)
            if request is not None:
                self._answer(connection, request)
        except OSError:
            pass
        finally:
            connection.close()

    def _read(self, connection):
        pieces, length = [], 0
        while not self._stop.is_set():
            try:
                piece = connection.recv(5000)
            except TimeoutError:
                continue
            if not piece:
                return None
            end = piece.find(b"\n")
            if end != -1:
                piece = piece[:end]
            pieces.append(piece)
            length += len(piece)
            if length > MAX_REQUEST:
                return None
            if end != -1:
                return b"".join(pieces)
        return None

    def _answer(self, connection, request):
        try:
            reply = bytes(self._handle(request)) + b"\n"
        except Exception:
            reply = b"error\n"
        connection.sendall(reply)
        connection.shutdown(SHUT_WR)
        end = monotonic() + 1
        connection.settimeout(TICK)
        while monotonic() < end:
            try:
                if not connection.recv(50_000):
                    break
            except TimeoutError:
                continue
