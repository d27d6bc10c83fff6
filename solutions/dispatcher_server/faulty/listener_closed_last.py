# wrong: nobody accepts any more, but the listening socket is closed only when all workers have ended: clients connect, and wait
# fails: test_stop_serves_no_new_client_meanwhile
import select
import socket
import threading
import time
from collections import deque

MAX_REQUEST = 65_536


class Ticket:
    """Exactly one of all callers of win() gets True."""

    def __init__(self):
        self._token = deque((None,))
        self.shut = threading.Event()  # set when a winning stop() has no more use for the socket

    def win(self):
        try:
            self._token.pop()
        except IndexError:
            return False
        return True


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle")
        if not isinstance(host, str):
            raise TypeError("host")
        if not isinstance(port, int) or isinstance(port, bool):
            raise TypeError("port")
        if not 0 <= port <= 65535:
            raise ValueError("port")
        self._handle = handle
        self._where = host, port
        self._acceptor = None
        self._rows = []  # (thread, connection, ticket); only the acceptor touches it while it lives
        self._turnstile = threading.Semaphore(1)

    def start(self):
        if self._acceptor is not None:
            raise RuntimeError("started twice")
        self._listener = socket.create_server(self._where, backlog=500)
        self._listener.setblocking(False)
        self._out, self._in = socket.socketpair()
        self._acceptor = threading.Thread(target=self._accept)
        self._acceptor.start()
        return self._listener.getsockname()[:2]

    def stop(self):
        with self._turnstile:
            if self._acceptor is None:
                return
            self._in.close()  # end of file at the other end
            self._acceptor.join()
            for _, connection, ticket in self._rows:
                if ticket.win():
                    try:
                        connection.shutdown(socket.SHUT_RDWR)
                    except OSError:
                        pass
                    ticket.shut.set()
            for thread, _, _ in self._rows:
                if thread is not threading.current_thread():
                    thread.join()
            self._listener.close()
            self._out.close()

    def _accept(self):
        poll = select.poll()
        for sock in (self._out, self._listener):
            poll.register(sock, select.POLLIN)
        wake = self._out.fileno()
        while wake not in dict(poll.poll()):
            try:
                connection, _ = self._listener.accept()
            except BlockingIOError:
                continue
            except OSError:
                time.sleep(0.01)
                continue
            connection.settimeout(None)
            ticket = Ticket()
            thread = threading.Thread(target=self._worker, args=(connection, ticket))
            try:
                thread.start()
            except RuntimeError:
                connection.close()
                continue
            self._rows = [row for row in self._rows if row[0].is_alive()]
            self._rows.append((thread, connection, ticket))

    def _worker(self, connection, ticket):
        try:
            try:
                request = self._read(connection)
            except OSError:
                request = None
            if not ticket.win():
                ticket.shut.wait()  # stop() has it: not to be closed under its hands
                return
            if request is None:
                return
            try:
                reply = self._handle(request) + b"\n"
            except BaseException:
                reply = b"error\n"
            try:
                self._write(connection, reply)
            except OSError:
                pass
        finally:
            connection.close()

    def _read(self, connection):
        so_far = b""
        while b"\n" not in so_far[:MAX_REQUEST + 1]:
            if len(so_far) > MAX_REQUEST:
                return None
            more = connection.recv(32768)
            if more == b"":
                return None
            so_far += more
        return so_far[:so_far.index(b"\n")]

    def _write(self, connection, reply):
        poll = select.poll()
        poll.register(connection, select.POLLIN | select.POLLOUT)
        connection.settimeout(0)
        position, at_end = 0, False
        while position < len(reply):
            ((_, events),) = poll.poll()
            if events & select.POLLIN and not at_end:
                at_end = connection.recv(65536) == b""
                if at_end:
                    poll.modify(connection, select.POLLOUT)
            if events & (select.POLLOUT | select.POLLERR | select.POLLHUP):
                position += connection.send(memoryview(reply)[position:position + 262144])
        connection.shutdown(socket.SHUT_WR)
        poll.modify(connection, select.POLLIN)
        give_up = time.monotonic() + 3
        while not at_end and time.monotonic() < give_up and poll.poll(200):
            at_end = connection.recv(65536) == b""
