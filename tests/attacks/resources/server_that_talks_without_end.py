# tries: a server whose reply to each client never ends
# exercise: dispatcher_server
# outcome: F
# reason: without end
import socket
import threading


class DispatcherServer:
    def __init__(self, handle, host="127.0.0.1", port=0):
        self._address = host, port

    def start(self):
        self._listener = socket.create_server(self._address)
        threading.Thread(target=self._accept, daemon=True).start()
        return self._listener.getsockname()

    def _accept(self):
        while True:
            client, _ = self._listener.accept()
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client):
        while True:
            client.sendall(b"x" * (1 << 20))

    def stop(self):
        threading.Event().wait()
