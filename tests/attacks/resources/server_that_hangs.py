# tries: a server that accepts, and never answers nor lets go
# exercise: dispatcher_server
# outcome: F
# reason: stuck
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
        self._held = []
        while True:
            self._held.append(self._listener.accept())

    def stop(self):
        threading.Event().wait()
