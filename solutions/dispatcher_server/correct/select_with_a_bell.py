"""Every wait is a select that also looks at a bell: a socket that stop() makes readable for all threads at once."""

import select
import socket
import threading

LIMIT = 65_536


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle must be callable")
        if not isinstance(host, str) or isinstance(port, bool) or not isinstance(port, int):
            raise TypeError("host must be a str, port an int")
        if not 0 <= port <= 65_535:
            raise ValueError("port must be in 0..65535")
        self.handle = handle
        self.address = (host, port)
        self.acceptor = None

    def start(self):
        self.rope, self.bell = socket.socketpair()
        listener = socket.create_server(self.address, backlog=150)
        listener.setblocking(False)
        address = listener.getsockname()
        self.acceptor = threading.Thread(target=self.communicate, args=(listener,))
        self.acceptor.start()
        return address

    def stop(self):
        if self.acceptor is None:
            return
        self.rope.close()  # nobody reads what the bell has to say: it stays readable for good
        self.acceptor.join()

    def rings(self, other):
        """Wait until the bell rings or the other socket can be read; whether the bell rings."""
        readable, _, _ = select.select([self.bell, other], [], [])
        return self.bell in readable

    def communicate(self, listener):
        workers = []
        with self.bell:
            with listener:
                while not self.rings(listener):
                    try:
                        connection, _ = listener.accept()
                    except OSError:
                        continue
                    workers = [worker for worker in workers if worker.is_alive()]
                    workers.append(threading.Thread(target=self.serve, args=(connection,)))
                    workers[-1].start()
            for worker in workers:
                worker.join()

    def serve(self, connection):
        try:
            line = self.read(connection)
            if line is not None:
                connection.sendall(self.reply(line))
                self.read_away(connection)
        except OSError:
            pass
        finally:
            connection.close()

    def read(self, connection):
        data = b""
        while True:
            if self.rings(connection):
                return None
            piece = connection.recv(8192)
            data += piece
            line, newline, _ = data.partition(b"\n")
            if len(line) > LIMIT or not piece:
                return None
            if newline:
                return line

    def reply(self, line):
        try:
            return b"%b\n" % self.handle(line)
        except Exception:
            return b"error\n"

    def read_away(self, connection):
        connection.shutdown(socket.SHUT_WR)
        for _ in range(2000):
            readable, _, _ = select.select([connection], [], [], 0.05)
            if not readable or not connection.recv(LIMIT):
                break
