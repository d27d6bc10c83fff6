"""All of a running server lives in nested functions; what several threads change is nonlocal and under one lock."""

import socket
import threading
import time


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle must be callable")
        if not isinstance(host, str) or isinstance(port, bool) or not isinstance(port, int):
            raise TypeError("host must be a str, port an int")
        if not 0 <= port <= 65_535:
            raise ValueError("port must be in 0..65535")
        self.serve_until_told = self.prepare(handle, (host, port))
        self.stop_it = None

    @staticmethod
    def prepare(handle, address):
        def begin():
            listener = socket.create_server(address, backlog=80)
            lock = threading.Lock()
            open_for_business = True
            waiting = frozenset()  # connections that have not sent a whole request
            threads = ()

            def spawn(target, *arguments):
                nonlocal threads
                thread = threading.Thread(target=target, args=arguments)
                with lock:
                    threads = (*(other for other in threads if other.is_alive()), thread)
                    thread.start()

            def wait_for_line(connection):
                data = b""
                while b"\n" not in data:
                    piece = connection.recv(4000)
                    data += piece
                    if not piece or len(data.partition(b"\n")[0]) > 65_536:
                        return None
                return data.partition(b"\n")[0]

            def may_begin(connection):
                nonlocal waiting
                with lock:
                    waiting -= {connection}
                    return open_for_business

            def answer(connection, line):
                try:
                    reply = handle(line)
                except Exception:
                    reply = b"error"
                connection.sendall(reply + b"\n")
                connection.shutdown(socket.SHUT_WR)
                connection.settimeout(0.05)
                deadline = time.monotonic() + 2
                while connection.recv(65_536) and time.monotonic() < deadline:
                    pass

            def work(connection):
                try:
                    line = wait_for_line(connection)
                    if may_begin(connection) and line is not None:
                        answer(connection, line)
                except OSError:
                    may_begin(connection)
                finally:
                    connection.close()

            def accept():
                nonlocal waiting
                while True:
                    try:
                        connection, _ = listener.accept()
                    except OSError:
                        connection = None
                    with lock:
                        if not open_for_business:
                            break
                        if connection is not None:
                            waiting |= {connection}
                    if connection is not None:
                        spawn(work, connection)
                if connection is not None:
                    connection.close()

            def end():
                nonlocal open_for_business
                with lock:
                    if open_for_business:
                        open_for_business = False
                        listener.shutdown(socket.SHUT_RDWR)
                        for connection in waiting:
                            try:
                                connection.shutdown(socket.SHUT_RDWR)
                            except OSError:
                                pass
                accepting.join()
                listener.close()
                for thread in threads:
                    thread.join()

            accepting = threading.Thread(target=accept)
            accepting.start()
            return listener.getsockname(), end

        return begin

    def start(self):
        address, self.stop_it = self.serve_until_told()
        return address

    def stop(self):
        if self.stop_it is not None:
            self.stop_it()
