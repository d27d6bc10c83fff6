"""Every thread that waits for a client waits for one end of a pair of sockets as well, which stop() closes."""

import socket
from select import poll, POLLIN
from threading import Thread


def readable(*sockets):
    """Wait until one of the sockets can be read; return those that can."""
    poller = poll()
    for sock in sockets:
        poller.register(sock, POLLIN)
    ready = {number for number, _ in poller.poll()}
    return [sock for sock in sockets if sock.fileno() in ready]


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle must be callable")
        if not isinstance(host, str) or not isinstance(port, int):
            raise TypeError("host must be a str, port an int")
        if not 0 <= port <= 65535:
            raise ValueError("port must be from 0 to 65535")
        self.__handle = handle
        self.__address = host, port
        self.__threads = []

    def start(self):
        self.__red, self.__green = socket.socketpair()
        listener = socket.create_server(self.__address)
        address = listener.getsockname()
        self.__threads.append(Thread(target=self.__accept, args=(listener,)))
        self.__threads[0].start()
        return address

    def stop(self):
        if not self.__threads:
            return
        self.__red.close()
        for thread in self.__threads:  # grows until the first one, which accepts, is over
            thread.join()
        self.__green.close()

    def __accept(self, listener):
        with listener:
            while self.__green not in readable(self.__green, listener):
                try:
                    client, _ = listener.accept()
                except OSError:
                    continue
                self.__threads[1:] = [thread for thread in self.__threads[1:] if thread.is_alive()]
                thread = Thread(target=self.__serve, args=(client,))
                self.__threads.append(thread)
                thread.start()

    def __serve(self, client):
        try:
            data = bytearray()
            while (end := data.find(b"\n")) < 0 and len(data) <= 65536:
                if self.__green in readable(self.__green, client):
                    return
                piece = client.recv(1024)
                if not piece:
                    return
                data.extend(piece)
            if not 0 <= end <= 65536:
                return
            try:
                reply = self.__handle(bytes(data[:end]))
            except Exception:
                reply = b"error"
            client.sendall(reply + b"\n")
            client.shutdown(socket.SHUT_WR)
            client.setblocking(False)
            while client.recv(65536):
                pass
        except OSError:
            pass
        finally:
            client.close()
