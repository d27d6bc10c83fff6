"""Threadlab's dispatcher_server, small: a client is listed while stop() goes through the list; its worker is left behind."""
# bug: left behind
import queue
import threading


class Client:
    def __init__(self):
        self.inbox = queue.Queue()
        self.worker = threading.Thread(target=self.work)
        self.worker.start()

    def work(self):
        while self.inbox.get() is not None:
            pass

    def end(self):
        self.inbox.put(None)
        self.worker.join()


class Server:
    def __init__(self):
        self.lock = threading.Lock()
        self.stopping = False
        self.clients = []

    def accept(self, client):
        if not self.stopping:
            self.clients.append(client)
        else:
            client.end()

    def stop(self):
        self.stopping = True
        clients = list(self.clients)
        for client in clients:
            client.end()


def scenario():
    """After stop() no worker is left."""
    server = Server()
    accepting = threading.Thread(target=server.accept, args=(Client(),))
    accepting.start()
    server.stop()
    accepting.join()
