"""Without workers a silent client makes everybody wait; with a worker for each client it delays nobody.

Prints:
    without workers, served in this order: ['silent', 'quick']
    with workers, served in this order: ['quick', 'silent']
"""

import socket
import threading


def serve(listener, served, with_workers):
    """Accepts two clients. Each says its name, after a while or at once."""
    crew = []
    for _ in ("one", "another"):
        client = listener.accept()[0]
        if with_workers:
            crew.append(threading.Thread(target=handle, args=(client, served)))
            crew[-1].start()
        else:
            handle(client, served)
    for worker in crew:
        worker.join()


def handle(client, served):
    with client:
        served.append(client.recv(100).decode())
        client.sendall(b"served")


def served_in(with_workers):
    served = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=(listener, served, with_workers))
        server.start()
        with socket.create_connection(listener.getsockname()) as silent:
            with socket.create_connection(listener.getsockname()) as quick:
                quick.sendall(b"quick")
                if with_workers:
                    quick.recv(100)  # it is answered though the other one has said nothing yet
                silent.sendall(b"silent")
                silent.recv(100)
                quick.recv(100)
        server.join()
    return served


print("without workers, served in this order:", served_in(with_workers=False))
print("with workers, served in this order:", served_in(with_workers=True))
