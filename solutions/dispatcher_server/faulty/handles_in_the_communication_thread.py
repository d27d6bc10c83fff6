# wrong: reads, handles and replies in the communication thread: one client after the other
# fails: test_requests_that_are_there_already_delay_nobody, test_each_request_has_its_own_thread, test_each_client_gets_its_own_reply, test_a_client_that_leaves_while_it_is_served_harms_nobody, test_two_servers_do_not_know_of_each_other, test_a_slow_request_delays_nobody, test_a_silent_client_delays_nobody, test_an_exception_leaves_the_others_alone, test_a_thread_is_started_for_each_request, test_a_worker_is_gone_once_its_reply_is_sent, test_many_silent_clients_and_half_lines_delay_nobody, test_slow_requests_delay_nobody, test_it_holds_200_clients_at_once, test_stop_lets_requests_in_flight_finish, test_stop_joins_a_worker_that_has_answered, test_speedup_of_8_equal_requests, test_speedup_with_one_long_request, test_speedup_on_4_cores, test_one_client_leaves_while_the_next_one_comes
# may fail: test_a_silent_client_races_with_stop,
#   test_stop_comes_to_an_end_while_clients_keep_coming, test_stop_waits_for_a_request_of_a_minute, test_silent_clients_cost_the_others_no_time, test_a_client_that_does_not_read_delays_nobody

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
        self.current = None

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
        if self.current is not None:
            try:
                self.current.shutdown(socket.SHUT_RD)
            except OSError:
                pass
        self.acceptor.join()
        self.listener.close()

    def accept_clients(self):
        while not self.stopping:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                break
            self.current = connection
            self.serve(connection)

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
