"""No time-outs of Python's: the kernel ends a call that has waited too long (SO_RCVTIMEO), and the server looks whether to stop."""
import socket
import struct
import threading
import time

MAX_REQUEST = 65_536


def _check(handle, host, port):
    if not callable(handle):
        raise TypeError("handle must be callable")
    if not isinstance(host, str):
        raise TypeError("host must be a str")
    if not isinstance(port, int):
        raise TypeError("port must be an int")
    if not 0 <= port <= 65535:
        raise ValueError("port must be in 0..65535")


def _patience(sock, seconds):
    whole = int(seconds)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", whole, int((seconds - whole) * 1_000_000)))


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        _check(handle, host, port)
        self.handle, self.host, self.port = handle, host, port
        self.stopping = threading.Event()
        self.workers = set()
        self.accepting = None

    def start(self):
        self.listener = socket.create_server((self.host, self.port), backlog=256)
        _patience(self.listener, 0.2)
        self.accepting = threading.Thread(target=self.accept)
        self.accepting.start()
        return self.listener.getsockname()

    def accept(self):
        while not self.stopping.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                continue
            worker = threading.Thread(target=self.work, args=(connection,))
            self.workers -= {w for w in self.workers if not w.is_alive()}
            worker.start()
            self.workers.add(worker)

    def work(self, connection):
        try:
            _patience(connection, 0.2)
            request = bytearray()
            while True:
                if self.stopping.is_set():
                    return
                try:
                    piece = connection.recv(1024)
                except BlockingIOError:
                    continue
                if not piece:
                    return
                line, newline, _ = piece.partition(b"\n")
                request.extend(line)
                if len(request) > MAX_REQUEST:
                    return
                if newline:
                    break
            try:
                reply = self.handle(bytes(request)) + b"\n"
            except Exception:
                reply = b"error\n"
            connection.sendall(reply)
            connection.shutdown(socket.SHUT_WR)
            deadline = time.monotonic() + 1
            while time.monotonic() < deadline and not self.stopping.is_set():
                try:
                    if not connection.recv(65536):
                        break
                except BlockingIOError:
                    pass
        except OSError:
            pass
        finally:
            connection.close()

    def stop(self):
        if self.accepting is None:
            return
        self.stopping.set()
        self.accepting.join()
        self.accepting = None
        self.listener.close()
        for worker in self.workers:
            worker.join()
        self.workers.clear()
