"""The network of a run, in memory: descriptors, ports, listeners, connections, as Linux keeps them.

Nothing here is a point, and nothing waits: calls are made by `core_socket`, one at a time.
Sources: net/ipv4/af_inet.c, inet_connection_sock.c and inet_hashtables.c of Linux 6; bind(2), listen(2), connect(2).
"""

from __future__ import annotations

import errno
import select
import socket
from collections import deque
from typing import Any

from grader.student.world.active import active
from grader.student.world.streams import Stream, failure, join

FIRST_NUMBER = 1_000
"""The lowest descriptor: no real one is as high."""

FIRST_PORT, LAST_PORT = 49_152, 65_535
"""From which ports the system chooses."""

ANY_HOST = ("0.0.0.0", "::")

Address = tuple[Any, ...]


class Endpoint(Stream):
    """What the kernel keeps for one socket."""

    def __init__(self, network: Network, family: int) -> None:
        super().__init__(family)
        self.network = network
        self.descriptors = 0
        self.calls = 0
        self.local: Address | None = None
        self.remote: Address | None = None
        self.port_chosen = False
        self.connect_told = True
        self.backlog = 0
        self.queue: deque[Endpoint] = deque()
        """Of a listener: its ends of connections that nobody has accepted yet."""
        self.arriving: deque[Endpoint] = deque()
        """Of a listener: sockets that wait for room in the queue."""

    def can_accept(self) -> bool:
        """Whether accept would not wait."""
        return bool(self.queue) or self.state != "listening"

    def is_connected(self) -> bool:
        """Whether connect would not wait."""
        return self.state != "connecting"

    def mask(self) -> int:
        """The events that poll would tell of."""
        if self.state == "listening":
            return select.POLLIN if self.queue else 0
        return super().mask()

    def bind(self, host: str, port: int) -> None:
        """Takes an address."""
        self.network.check_local(host)
        if self.local is not None:
            raise failure(errno.EINVAL)
        self.port_chosen = port == 0
        self.network.hold(self, host, port or self.network.free_port(self.family))

    def listen(self, backlog: int) -> None:
        """Becomes a listener."""
        if self.state not in ("new", "listening"):
            raise failure(errno.EINVAL)
        if self not in self.network.holders():  # has never been bound, or has lost its port when it was shut down
            host, self.local = self.local[0] if self.local else ANY_HOST[self.family == socket.AF_INET6], None
            self.bind(host, 0)
        assert self.local is not None
        for other in self.network.overlapping(self.family, *self.local[:2]):
            if other is not self and other.state == "listening" and not self._share_port(other):
                raise failure(errno.EADDRINUSE)
        self.state, self.backlog = "listening", max(0, backlog)

    def _share_port(self, other: Endpoint) -> bool:
        return self.option(socket.SO_REUSEPORT) and other.option(socket.SO_REUSEPORT)

    def excludes(self, other: Endpoint) -> bool:
        """Whether it keeps `other` from binding the same port."""
        reused = self.option(socket.SO_REUSEADDR) and other.option(socket.SO_REUSEADDR)
        return not (reused and self.state != "listening") and not self._share_port(other)

    def accept(self) -> Endpoint:
        """Takes a connection out of the queue."""
        if self.state != "listening":
            raise failure(errno.EINVAL)
        end = self.queue.popleft()
        while self.arriving and len(self.queue) <= self.backlog:
            self._establish(self.arriving.popleft())
        return end

    def connect(self, host: str, port: int) -> None:
        """Connects at once, or is "connecting" until the listener has room."""
        if self.state == "connecting":
            raise failure(errno.EALREADY)
        if self.state != "new":
            self._tell_connected()
            return
        if self.error:
            raise self.take_error()
        if host in ANY_HOST:
            host = "::1" if self.family == socket.AF_INET6 else "127.0.0.1"
        if host != "::1" and not host.startswith("127."):
            raise failure(errno.ENETUNREACH)
        if self.local is None:
            self.port_chosen = True
            self.network.hold(self, host, self.network.free_port(self.family))
        self.no_reading = self.no_writing = False
        self.remote, self.connect_told = _address(host, port), False
        listener = self.network.listener(self.family, host, port)
        if listener is None:
            self.refuse()
        elif len(listener.queue) > listener.backlog:
            self.state = "connecting"
            listener.arriving.append(self)
        else:
            listener._establish(self)

    def _tell_connected(self) -> None:
        if self.connect_told:
            raise failure(errno.EISCONN)
        self.connect_told = True

    def refuse(self) -> None:
        """Nobody listens where it wants to connect to."""
        self.state, self.error = "new", errno.ECONNREFUSED
        self.no_reading = self.no_writing = True
        if self.port_chosen:
            self.network.give_up(self)
            self.local = None

    def _establish(self, client: Endpoint) -> None:
        assert client.remote is not None and client.local is not None
        end = Endpoint(self.network, self.family)
        end.options = dict(self.options)
        self.network.hold(end, client.remote[0], client.remote[1], accepted=True)
        end.remote = client.local
        join(client, end)
        self.queue.append(end)

    def shutdown(self, how: int) -> None:
        """Ends one direction or both; a listener stops listening."""
        if self.state != "listening":
            super().shutdown(how)
        elif how != socket.SHUT_WR:
            self._stop_listening()

    def give_up_port(self) -> None:
        """Its port is free."""
        self.network.give_up(self)

    def release_if_unused(self) -> None:
        """The kernel lets go of a socket when its last descriptor is closed *and* no call in it is under way."""
        if self.descriptors or self.calls or self.released:
            return
        self.released = True
        if self.state == "listening":
            self._stop_listening()
        elif self.state == "connecting":
            self.state = "over"
            for listener in self.network.holders():
                if self in listener.arriving:
                    listener.arriving.remove(self)
        elif self.state == "connected":
            self.hang_up()
        if self.kept_until is None:
            self.network.give_up(self)
        active.run.changed()

    def _stop_listening(self) -> None:
        self.state = "new"
        if self.port_chosen:
            self.network.give_up(self)
        while self.queue:
            end = self.queue.popleft()
            end.peer.reset()
            end.reset()
        while self.arriving:
            self.arriving.popleft().refuse()


def _address(host: str, port: int) -> Address:
    return (host, port, 0, 0) if ":" in host else (host, port)


class Network:
    """All sockets of a run."""

    def __init__(self) -> None:
        self.descriptors: dict[int, Endpoint] = {}
        self.pipes: dict[int, tuple[Any, str]] = {}
        """By descriptor: one end of a pipe, and whether it is there to "read", "write" or "both"; see `descriptors`."""
        self.default_timeout: float | None = None
        self._ports: dict[tuple[int, int], list[Endpoint]] = {}
        self._next_port = FIRST_PORT

    def open(self, end: Endpoint) -> int:
        """Gives `end` a descriptor: the lowest that is free."""
        number = FIRST_NUMBER
        while number in self.descriptors:
            number += 1
        self.descriptors[number] = end
        end.descriptors += 1
        return number

    def close(self, number: int) -> None:
        """Closes a descriptor."""
        end = self.descriptors.pop(number, None)
        if end is None:
            raise failure(errno.EBADF)
        end.descriptors -= 1
        end.release_if_unused()

    def holders(self) -> list[Endpoint]:
        """Every endpoint that has a port."""
        return [end for ends in self._ports.values() for end in ends]

    def overlapping(self, family: int, host: str, port: int) -> list[Endpoint]:
        """Those who have this port at this address, or at all addresses, or at any if `host` is all."""
        ends = self._ports.get((family, port), [])
        now = active.run.now
        ends[:] = [end for end in ends if end.kept_until is None or end.kept_until > now]
        return [
            end for end in ends if end.local is not None and (end.local[0] in (host, *ANY_HOST) or host in ANY_HOST)
        ]

    def listener(self, family: int, host: str, port: int) -> Endpoint | None:
        """Who listens there."""
        return next((end for end in self.overlapping(family, host, port) if end.state == "listening"), None)

    def check_local(self, host: str) -> None:
        """Refuses addresses of other machines."""
        if host not in (*ANY_HOST, "::1") and not host.startswith("127."):
            raise failure(errno.EADDRNOTAVAIL)

    def hold(self, end: Endpoint, host: str, port: int, accepted: bool = False) -> None:
        """Gives an address to `end`; one that has been accepted shares that of its listener."""
        if not accepted and any(other.excludes(end) for other in self.overlapping(end.family, host, port)):
            raise failure(errno.EADDRINUSE)
        end.local = _address(host, port)
        self._ports.setdefault((end.family, port), []).append(end)

    def give_up(self, end: Endpoint) -> None:
        """`end` keeps its port no longer."""
        if end.local is not None:
            ends = self._ports.get((end.family, end.local[1]), [])
            if end in ends:
                ends.remove(end)

    def free_port(self, family: int) -> int:
        """A port that nobody has, chosen in order."""
        for _ in range(FIRST_PORT, LAST_PORT + 1):
            port = self._next_port
            self._next_port = port + 1 if port < LAST_PORT else FIRST_PORT
            if not self._ports.get((family, port)):
                return port
        raise failure(errno.EADDRINUSE)


def network() -> Network:
    """The network of the run that is going on."""
    run: Any = active.run
    found: Network | None = run.network
    if found is None:
        found = run.network = Network()
    return found
