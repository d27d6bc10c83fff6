# wrong: the communication thread looks whether to stop only when nobody has come for a moment: while clients keep coming it never does
# fails: test_stop_comes_to_an_end_while_clients_keep_coming
"""A request is looked at first (MSG_PEEK) and then taken to its newline and no further."""

import socket as s
import threading as t
import time

MAX_REQUEST = 65_536


class Worker(t.Thread):
    def __init__(self, server, connection):
        t.Thread.__init__(self)
        self.server = server
        self.connection = connection
        self.turn = t.Condition()
        self.cancelled = False
        self.listening = True

    def cancel(self):
        """Wakes a worker that has not got its request; nothing happens to one that has."""
        with self.turn:
            if self.listening:
                self.cancelled = True
                try:
                    self.connection.shutdown(s.SHUT_RDWR)
                except OSError:
                    pass

    def stops_listening(self):
        with self.turn:
            self.listening = False
            return not self.cancelled

    def take(self, count):
        taken = b""
        while len(taken) < count:
            more = self.connection.recv(count - len(taken))
            if not more:
                break
            taken += more
        return taken

    def request(self):
        request = b""
        while len(request) <= MAX_REQUEST:
            seen = self.connection.recv(MAX_REQUEST + 1, s.MSG_PEEK)
            if not seen:
                return None
            newline = seen.find(b"\n")
            request += self.take(newline + 1 if newline >= 0 else len(seen))
            if newline >= 0:
                break
        if len(request) > MAX_REQUEST + 1 or not request.endswith(b"\n"):
            return None
        return request[:-1]

    def run(self):
        try:
            try:
                request = self.request()
            except OSError:
                request = None
            if not self.stops_listening() or request is None:
                return
            try:
                reply = self.server.handle(request) + b"\n"
            except Exception:
                reply = b"error\n"
            self.connection.sendall(reply)
            self.connection.shutdown(s.SHUT_WR)
            self.connection.settimeout(0.5)
            last = time.perf_counter() + 1
            while time.perf_counter() < last:
                if not self.connection.recv(60_000):
                    break
        except OSError:
            pass
        finally:
            self.stops_listening()
            self.connection.close()


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        for name, value, right in (("handle", handle, callable(handle)), ("host", host, isinstance(host, str))):
            if not right:
                raise TypeError(f"bad {name}: {value!r}")
        if isinstance(port, bool) or not isinstance(port, int):
            raise TypeError(f"bad port: {port!r}")
        if not 0 <= port <= 65_535:
            raise ValueError(f"bad port: {port!r}")
        self.handle = handle
        self.host, self.port = host, port
        self.barred = t.Event()
        self.finished = t.Event()
        self.first = t.Semaphore(1)
        self.workers = []
        self.door = None

    def start(self):
        self.door = s.create_server((self.host, self.port), backlog=256)
        self.door.settimeout(0.2)
        self.porter = t.Thread(target=self.keep_door)
        address = self.door.getsockname()
        self.porter.start()
        return address

    def stop(self):
        if self.door is None:
            return
        if self.first.acquire(blocking=False):
            self.barred.set()
            self.porter.join()
            self.door.close()
            for worker in self.workers:
                worker.cancel()
            for worker in self.workers:
                worker.join()
            self.finished.set()
        self.finished.wait()

    def keep_door(self):
        while True:
            try:
                connection, _ = self.door.accept()
            except s.timeout:
                if self.barred.is_set():
                    return
                continue
            except OSError:
                time.sleep(0.05)
                continue
            connection.settimeout(None)
            self.workers = list(filter(Worker.is_alive, self.workers))
            worker = Worker(self, connection)
            try:
                worker.start()
            except RuntimeError:
                connection.close()
            else:
                self.workers.append(worker)
