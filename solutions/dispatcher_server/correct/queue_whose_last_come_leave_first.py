"""The accepting thread leaves its workers in a LifoQueue; stop() takes them out and joins them, the last one first."""

import queue
import socket
import threading

LIMIT = 65_536


class Guest(threading.Thread):
    def __init__(self, connection, handle):
        threading.Thread.__init__(self)
        self._connection = connection
        self._make_reply = handle

    def run(self):
        with self._connection:
            try:
                request = self._request()
                if request is not None:
                    self._connection.sendall(self._reply(request))
                    self._connection.sendall(b"\n")
                    self._farewell()
            except OSError:
                return

    def leave(self):
        try:
            self._connection.shutdown(socket.SHUT_RD)
        except OSError:
            return

    def _request(self):
        pieces = []
        room = LIMIT + 1
        while room > 0:
            piece = self._connection.recv(min(room, 16_384))
            if not piece:
                return None
            room -= len(piece)
            head, newline, _ = piece.partition(b"\n")
            pieces.append(head)
            if newline:
                return b"".join(pieces)
        return None

    def _reply(self, request):
        try:
            return bytes(self._make_reply(request))
        except Exception:
            return b"error"

    def _farewell(self):
        self._connection.shutdown(socket.SHUT_WR)
        self._connection.settimeout(0.05)
        for _ in range(4000):
            if self._connection.recv(LIMIT) == b"":
                break


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle must be callable")
        if not isinstance(host, str) or isinstance(port, bool) or not isinstance(port, int):
            raise TypeError("host must be a str, port an int")
        if not 0 <= port <= 65_535:
            raise ValueError("port must be in 0..65535")
        self._handle = handle
        self._address = (host, port)
        self._guests = queue.LifoQueue()
        self._stopping = False
        self._one_stop = threading.Lock()
        self._host = None

    def start(self):
        self._door = socket.create_server(self._address, backlog=99)
        self._host = threading.Thread(target=self._receive, name="host")
        self._host.start()
        return self._door.getsockname()

    def stop(self):
        if self._host is None:
            return
        self._stopping = True
        try:
            self._door.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._host.join()
        self._door.close()
        with self._one_stop:
            guests = self._take_all()
            for guest in guests:
                guest.leave()
            for guest in guests:
                guest.join()

    def _receive(self):
        while not self._stopping:
            try:
                connection, _ = self._door.accept()
            except OSError:
                continue
            staying = [guest for guest in self._take_all() if guest.is_alive()]
            guest = Guest(connection, self._handle)
            guest.start()
            for other in reversed(staying):
                self._guests.put(other)
            self._guests.put(guest)

    def _take_all(self):
        """Everybody in the queue; only ever called by one thread at a time: by stop() when the host is gone."""
        guests = []
        try:
            while True:
                guests.append(self._guests.get_nowait())
        except queue.Empty:
            return guests
