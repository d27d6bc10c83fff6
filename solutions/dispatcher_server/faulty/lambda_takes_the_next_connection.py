# wrong: the worker's lambda looks its connection up when it runs: by then it may be that of the next client
# fails: test_one_client_leaves_while_the_next_one_comes, test_two_requests_at_once_one_of_which_fails
# may fail: test_speedup_with_one_long_request, test_speedup_on_4_cores, test_silent_clients_cost_the_others_no_time, test_a_client_that_does_not_read_delays_nobody

import socket
import threading
import time

LIMIT = 65_536


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle must be callable")
        if not isinstance(host, str):
            raise TypeError("host must be a str")
        if type(port) is not int:
            raise TypeError("port must be an int")
        if not 0 <= port <= 65_535:
            raise ValueError("port must be in 0..65535")
        self.handle = handle
        self.host = host
        self.port = port
        self.listener = None
        self.acceptor = None
        self.stopping = False
        self.clients = {}  # thread -> connection

    def start(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((self.host, self.port))
        self.listener.listen(256)
        self.acceptor = threading.Thread(target=self.accept_clients)
        self.acceptor.start()
        return self.listener.getsockname()

    def stop(self):
        if self.listener is None:
            return
        self.stop_accepting()
        for connection in self.clients.values():
            self.stop_reading(connection)
        for worker in self.clients:
            worker.join()

    def stop_accepting(self):
        self.stopping = True
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.acceptor.join()
        self.listener.close()

    def stop_reading(self, connection):
        try:
            connection.shutdown(socket.SHUT_RD)
        except OSError:
            pass

    def accept_clients(self):
        while not self.stopping:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                break
            worker = threading.Thread(target=lambda: self.serve(connection))
            worker.start()
            self.clients[worker] = connection

    def serve(self, connection):
        with connection:
            try:
                request = self.read_request(connection)
                if request is None:
                    return
                connection.sendall(self.reply(request))
                self.hang_up(connection)
            except OSError:
                pass

    def read_request(self, connection):
        data = b""
        while b"\n" not in data:
            if len(data) > LIMIT:
                return None
            piece = connection.recv(4096)
            if not piece:
                return None
            data += piece
        request = data.split(b"\n", 1)[0]
        return request if len(request) <= LIMIT else None

    def reply(self, request):
        try:
            return self.handle(request) + b"\n"
        except Exception:
            return b"error\n"

    def hang_up(self, connection):
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(0.05)
        give_up = time.monotonic() + 2
        while connection.recv(65_536) and time.monotonic() < give_up:
            pass
