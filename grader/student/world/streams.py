"""Streams of bytes between two sockets: what is on its way, and how a connection ends, as Linux does it.

Nothing here is a point, and nothing waits: calls are made by `core_socket`, one at a time.
Sources: net/ipv4/tcp.c, tcp_input.c, af_inet.c and net/unix/af_unix.c of Linux 6; socket(7), tcp(7).
"""

from __future__ import annotations

import errno
import os
import select
import socket
from collections import deque
from typing import Any

from grader.student.world.active import active

BUFFER = 200 * 1024
"""Bytes that can be on their way in one direction of a connection."""

TIME_WAIT = 60.0
"""Seconds for which the side that closed first keeps the port."""


def failure(number: int) -> OSError:
    """The exception for an `errno`, as the system words it."""
    return OSError(number, os.strerror(number))


class Stream:
    """One end of a connection, or what may become one."""

    def __init__(self, family: int) -> None:
        self.family = family
        self.state = "new"
        """"new", "connecting", "connected", "listening"; "over": both sides have closed, or a reset came."""
        self.released = False
        """No descriptor and no call refers to it any more."""
        self.options: dict[tuple[int, int], int | bytes] = {}
        self.kept_until: float | None = None
        """When it gives its port up; None: when it is released."""
        self.peer: Any = None
        self.pieces: deque[bytes] = deque()
        """Received and not read: one piece for each send of the peer's."""
        self.unread = 0
        self.ended = False
        """The peer has said that no more will come."""
        self.no_reading = self.no_writing = False
        self.closed_first = False
        self.error = 0
        self.nonblocking = False
        """What waits for nothing, whoever calls: so the system keeps a socket that has a time-out."""

    def give_up_port(self) -> None:
        """Its port is free."""
        raise NotImplementedError

    @property
    def is_pair(self) -> bool:
        """Whether it is one of a `socketpair`, for which other rules hold than for TCP."""
        return self.family == socket.AF_UNIX

    def option(self, name: int) -> bool:
        """Whether an option of level SOL_SOCKET is on."""
        return bool(self.options.get((socket.SOL_SOCKET, name)))

    # --- what can be done without waiting -------------------------------------------------------

    def can_read(self) -> bool:
        """Whether recv would not wait."""
        return bool(self.pieces or self.ended or self.no_reading or self.error or self.state in ("new", "listening"))

    def room(self) -> int:
        """Bytes that could be sent now."""
        return BUFFER - self.peer.unread if self.peer is not None else BUFFER

    def can_write(self) -> bool:
        """Whether send would not wait."""
        return bool(self.no_writing or self.error or (self.state != "connecting" and self.room() > 0))

    def mask(self) -> int:
        """The events that poll would tell of."""
        if self.state == "connecting":
            return 0
        no_reading = self.no_reading or self.ended
        events = select.POLLIN if self.pieces or no_reading else 0
        events |= select.POLLRDHUP if no_reading else 0
        events |= select.POLLOUT if self.no_writing or self.room() > 0 else 0
        events |= select.POLLERR if self.error else 0
        over = self.state in ("new", "over") or (no_reading and self.no_writing)
        return events | (select.POLLHUP if over else 0)

    # --- calls ----------------------------------------------------------------------------------

    def send(self, data: memoryview) -> int:
        """Sends what there is room for; the number of bytes."""
        if self.error and not self.is_pair:
            raise self.take_error()
        if self.no_writing or self.state != "connected":
            raise failure(errno.EPIPE)
        peer = self.peer
        piece = bytes(data[: self.room()])
        if not piece:
            return 0
        if peer.released or (peer.no_reading and peer.no_writing):
            peer.reset()  # nobody there will read it: the other side answers with a reset
            self.reset()
        else:
            peer.pieces.append(piece)
            peer.unread += len(piece)
        return len(piece)

    def receive(self, most: int, peek: bool = False) -> bytes:
        """Takes up to `most` bytes of the first piece; `b""` at the end."""
        if self.pieces:
            return self._look(most) if peek else self._take(most)
        if self.ended:
            return b""
        if self.error:
            raise self.take_error()
        if self.no_reading:
            return b""
        raise failure(errno.ENOTCONN if self.state in ("new", "listening") else errno.EAGAIN)

    def _take(self, most: int) -> bytes:
        piece = self.pieces.popleft()
        if len(piece) > most:
            self.pieces.appendleft(piece[most:])
        taken = piece[:most]
        self.unread -= len(taken)
        return taken

    def _look(self, most: int) -> bytes:
        # What has been seen together can be read together; and who looks until a newline is there must get to see it.
        whole = b"".join(self.pieces)
        seen = whole[:most]
        rest = whole[most:]
        self.pieces = deque(piece for piece in (seen, rest) if piece)
        return seen

    def shutdown(self, how: int) -> None:
        """Ends one direction or both."""
        if how not in (socket.SHUT_RD, socket.SHUT_WR, socket.SHUT_RDWR):
            raise failure(errno.EINVAL)
        reading, writing = how != socket.SHUT_WR, how != socket.SHUT_RD
        connected = self.state == "connected" or self.is_pair
        self.no_reading |= reading
        if writing and connected:
            self._end()
        if reading and self.is_pair and self.peer is not None:
            self.peer.no_writing = True
        if not connected:
            self.no_writing |= writing
            raise failure(errno.ENOTCONN)

    def take_error(self) -> OSError:
        """The error that has come in, which is told once."""
        number, self.error = self.error, 0
        return failure(number)

    # --- how it ends ----------------------------------------------------------------------------

    def hang_up(self) -> None:
        """Nobody refers to it any more, while it is connected."""
        peer = self.peer
        if self.is_pair:
            peer.error = errno.ECONNRESET if self.unread else 0
            peer.no_reading = peer.no_writing = True
        elif self.unread or self._lingers_not():
            self.reset()
            peer.reset()
        else:
            self._end()
            if self.state == "connected" and self.closed_first:
                self.kept_until = active.run.now + TIME_WAIT  # an orphan in FIN_WAIT2

    def _lingers_not(self) -> bool:
        value = self.options.get((socket.SOL_SOCKET, socket.SO_LINGER))
        return isinstance(value, bytes) and value[:1] != b"\0" and not any(value[4:8])

    def _end(self) -> None:
        """Says that no more will come (FIN)."""
        if self.no_writing:
            return
        self.no_writing = True
        self.closed_first = not self.ended
        self.peer.ended = True
        if self.is_pair or not self.ended:
            return
        for end in (self, self.peer):
            end.state = "over"
            if end.closed_first:
                end.kept_until = active.run.now + TIME_WAIT
            else:
                end.give_up_port()

    def reset(self) -> None:
        """A reset comes in, or is sent: what has been received can still be read, then there is an error."""
        if self.state != "connected":
            return
        self.error = errno.EPIPE if self.ended else errno.ECONNRESET
        self.state = "over"
        self.no_reading = self.no_writing = True
        self.kept_until = None
        self.give_up_port()


def join(one: Stream, other: Stream) -> None:
    """Connects two streams."""
    one.peer, other.peer = other, one
    one.state = other.state = "connected"
