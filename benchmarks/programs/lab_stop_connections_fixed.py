"""lab_stop_connections with flag and list changed under one lock."""

import threading


class Connection:
    def __init__(self):
        self.closed = False

    def close(self):
        self.closed = True


class Server:
    def __init__(self):
        self.lock = threading.Lock()
        self.stopping = False
        self.connections = []

    def accept(self, connection):
        with self.lock:
            if self.stopping:
                connection.close()
            else:
                self.connections.append(connection)

    def stop(self):
        with self.lock:
            self.stopping = True
            for connection in self.connections:
                connection.close()
            self.connections = []


def scenario():
    """After stop() every connection is closed."""
    server = Server()
    connections = [Connection() for _ in range(2)]
    threads = [threading.Thread(target=server.accept, args=(connection,)) for connection in connections]
    threads.append(threading.Thread(target=server.stop))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(connection.closed for connection in connections)
