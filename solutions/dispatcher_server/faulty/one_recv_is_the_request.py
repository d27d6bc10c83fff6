# wrong: takes what one recv returns for the whole request
# fails: test_a_request_may_arrive_in_pieces, test_the_longest_request_is_handled, test_a_line_without_end_is_dropped, test_megabytes_after_the_newline_are_ignored, test_a_client_that_leaves_with_half_a_line_is_dropped, test_many_silent_clients_and_half_lines_delay_nobody, test_stop_does_not_wait_for_those_who_have_not_asked, test_stop_tells_the_busy_from_the_silent, test_a_silent_client_races_with_stop, test_one_client_leaves_while_the_next_one_comes
# may fail: test_one_byte_too_many_is_dropped, test_stop_does_not_wait_for_a_line_that_goes_on_and_on, test_a_slow_client_gets_its_reply

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
        self.stopping = True
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.acceptor.join()
        self.listener.close()
        for connection in self.clients.values():
            try:
                connection.shutdown(socket.SHUT_RD)
            except OSError:
                pass
        for worker in self.clients:
            worker.join()

    def accept_clients(self):
        while not self.stopping:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                break
            worker = threading.Thread(target=self.serve, args=(connection,))
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
        data = connection.recv(LIMIT + 1)
        if not data:
            return None
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
