# wrong: goes on reading requests from the same connection after the reply
# fails: test_requests_that_are_there_already_delay_nobody, test_a_request_is_answered_and_the_connection_closed, test_a_request_may_arrive_in_pieces, test_an_exception_of_handle_is_an_error_for_its_client, test_listens_at_the_host_and_port_given, test_a_request_ends_at_the_first_newline, test_a_request_is_neither_stripped_nor_decoded, test_a_reply_is_neither_stripped_nor_encoded, test_a_large_reply_arrives_whole, test_each_client_gets_its_own_reply, test_the_longest_request_is_handled, test_one_byte_too_many_is_dropped, test_a_line_without_end_is_dropped, test_unread_bytes_do_not_cost_the_reply, test_megabytes_after_the_newline_are_ignored, test_whatever_handle_raises_the_client_gets_the_error_line, test_a_client_that_leaves_with_half_a_line_is_dropped, test_a_client_that_leaves_while_it_is_served_harms_nobody, test_two_servers_do_not_know_of_each_other, test_a_slow_request_delays_nobody, test_a_silent_client_delays_nobody, test_stop_leaves_no_thread_and_no_listener, test_an_exception_leaves_the_others_alone, test_a_thread_is_started_for_each_request, test_a_worker_is_gone_once_its_reply_is_sent, test_a_client_that_stays_does_not_keep_its_worker, test_many_silent_clients_and_half_lines_delay_nobody, test_slow_requests_delay_nobody, test_it_holds_200_clients_at_once, test_stop_joins_a_worker_that_has_answered, test_a_new_server_can_bind_the_port_at_once, test_stop_may_be_called_twice, test_one_client_leaves_while_the_next_one_comes, test_two_requests_at_once_one_of_which_fails, test_speedup_with_one_long_request, test_speedup_on_4_cores
# may fail: test_stop_waits_for_a_request_of_a_minute, test_stop_does_not_wait_for_a_line_that_goes_on_and_on, test_stop_comes_to_an_end_while_clients_keep_coming, test_a_slow_client_gets_its_reply, test_a_client_that_has_left_before_it_is_accepted_harms_nobody, test_silent_clients_cost_the_others_no_time, test_a_client_that_does_not_read_delays_nobody

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
        self.rest = {}  # connection -> what was read of its next request

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
                self.rest[connection] = b""
                while (request := self.read_request(connection)) is not None:
                    connection.sendall(self.reply(request))
            except OSError:
                pass

    def read_request(self, connection):
        data = self.rest[connection]
        while b"\n" not in data:
            if len(data) > LIMIT:
                return None
            piece = connection.recv(4096)
            if not piece:
                return None
            data += piece
        request, self.rest[connection] = data.split(b"\n", 1)
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
