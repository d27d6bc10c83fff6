# wrong: stop() closes the listening socket and leaves the communication thread, a daemon, waiting in accept
# fails: test_stop_leaves_no_thread_and_no_listener, test_stop_joins_a_worker_that_has_answered, test_a_new_server_can_bind_the_port_at_once, test_a_silent_client_races_with_stop, test_stop_waits_for_a_request_of_a_minute, test_a_request_races_with_stop, test_one_client_leaves_while_the_next_one_comes, test_two_requests_at_once_one_of_which_fails, test_clients_that_hang_up_race_with_stop, test_stop_does_not_wait_for_a_line_that_goes_on_and_on
# may fail: test_stop_serves_no_new_client_meanwhile, test_stop_may_be_called_twice, test_stop_comes_to_an_end_while_clients_keep_coming, test_a_slow_client_gets_its_reply, test_silent_clients_cost_the_others_no_time

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
        self.acceptor = threading.Thread(target=self.accept_clients, daemon=True)
        self.acceptor.start()
        return self.listener.getsockname()

    def stop(self):
        if self.listener is None:
            return
        self.stopping = True
        self.listener.close()
        for connection in list(self.clients.values()):
            try:
                connection.shutdown(socket.SHUT_RD)
            except OSError:
                pass
        for worker in list(self.clients):
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
