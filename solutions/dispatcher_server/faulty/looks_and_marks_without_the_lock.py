# wrong: a worker looks at the flag and marks its connection without the lock that stop() holds when it looks at the mark
# fails: test_a_request_races_with_stop
import select
import socket as sk
import threading as th
from time import monotonic

MAX_REQUEST = 65_536


class DispatcherServer:

    def __init__(self, handle, host="127.0.0.1", port=0):
        if not callable(handle):
            raise TypeError("handle is not callable")
        if type(host) is not str and not isinstance(host, str):
            raise TypeError("host is no string")
        if isinstance(port, bool) or not isinstance(port, int):
            raise TypeError("port is no int")
        if not (0 <= port <= 65535):
            raise ValueError("port is out of range")
        self._handle, self._host, self._port = handle, host, port
        self._lock = th.Lock()
        self._clients = {}          # worker thread -> [socket, "line" | "handle"]
        self._stopping = False
        self._comm = None

    def start(self):
        s = sk.socket()
        try:
            s.setsockopt(sk.SOL_SOCKET, sk.SO_REUSEADDR, 1)
            s.bind((self._host, self._port))
            s.listen(300)
            s.setblocking(False)
            address = s.getsockname()[:2]
            self._wake_in, self._wake_out = sk.socketpair()
        except BaseException:
            s.close()
            raise
        self._comm = th.Thread(target=self._dispatch, args=(s,), name="dispatcher")
        self._comm.start()
        return address

    def _dispatch(self, s):
        with s:
            while True:
                readable, _, _ = select.select([s, self._wake_out], [], [])
                if self._wake_out in readable:
                    return
                try:
                    c, _ = s.accept()
                except OSError:
                    continue
                c.setblocking(True)
                w = th.Thread(target=self._work, args=(c,))
                with self._lock:
                    for old in [t for t in self._clients if not t.is_alive()]:
                        del self._clients[old]
                    self._clients[w] = [c, "line"]
                    try:
                        w.start()
                    except RuntimeError:
                        del self._clients[w]
                        c.close()

    def _work(self, c):
        me = th.current_thread()
        try:
            self._serve(me, c)
        except OSError:
            pass
        with self._lock:
            self._clients[me][1] = "over"
            c.close()

    def _serve(self, me, c):
        pieces, length = [], 0
        while True:
            piece = c.recv(4096)
            if piece == b"":
                return
            head, newline, _ = piece.partition(b"\n")
            pieces.append(head)
            length += len(head)
            if length > MAX_REQUEST:
                return
            if newline:
                break
        if self._stopping:
            return
        self._clients[me][1] = "handle"
        try:
            answer = bytes().join([self._handle(b"".join(pieces)), b"\n"])
        except BaseException:
            answer = b"error\n"
        c.sendall(answer)
        c.shutdown(sk.SHUT_WR)
        until = monotonic() + 2.0
        while (left := until - monotonic()) > 0:
            c.settimeout(min(0.25, left))
            if not c.recv(1 << 16):
                break

    def stop(self):
        if self._comm is None:
            return
        with self._lock:
            first = not self._stopping
            self._stopping = True
        if first:
            self._wake_in.send(b"!")
        self._comm.join()
        with self._lock:
            for c, state in self._clients.values():
                if state == "line":
                    try:
                        c.shutdown(sk.SHUT_RDWR)
                    except OSError:
                        pass
            workers = list(self._clients)
        for w in workers:
            w.join()
        if first:
            self._wake_in.close()
            self._wake_out.close()
