# tries: to use up all ports and connections of its network
# outcome: F
# reason: raised OSError
import socket


def double(number, work):
    taken = []
    while True:
        server = socket.create_server(("127.0.0.1", 0))
        taken += [server, socket.create_connection(server.getsockname())]
