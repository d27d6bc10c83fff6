"""What a socket of the world is without any call: its descriptor, its time-out, its options, its addresses.

Nothing here is a point. Semantics: Modules/socketmodule.c; socket(7).
"""

from __future__ import annotations

import errno
import operator
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any

from grader.student.world.active import active, not_modelled
from grader.student.world.network import ANY_HOST, Endpoint, network
from grader.student.world.streams import failure
from grader.student.world.waitable import Waitable

_TYPE_FLAGS = socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC


class SocketSettings:
    """The part of `_socket.socket` that never waits.

    What the real class lacks begins with `_world_`: a subclass of the program's may use any other name.
    """

    __slots__ = (
        "_world_end",
        "_world_fd",
        "_world_network",
        "_world_number",
        "_world_proto",
        "_world_run",
        "_world_timeout",
    )

    def __init__(self, family: int = -1, type: int = -1, proto: int = -1, fileno: int | None = None) -> None:
        self._world_fd = -1
        self._world_run = active.run
        self._world_number = active.run.number()
        self._world_network = network()
        kind = socket.SOCK_STREAM if type == -1 else operator.index(type)
        self._world_timeout = 0.0 if kind & socket.SOCK_NONBLOCK else self._world_network.default_timeout
        self._world_proto = max(0, operator.index(proto))
        if fileno is not None:
            self._world_adopt(operator.index(fileno))
            return
        number = socket.AF_INET if family == -1 else operator.index(family)
        _check_kind(number, kind & ~_TYPE_FLAGS, self._world_proto)
        self._world_end = Endpoint(self._world_network, number)
        self._world_fd = self._world_network.open(self._world_end)
        self._world_end.nonblocking = self._world_timeout is not None

    __hash__ = Waitable.__hash__
    __eq__ = Waitable.__eq__

    def _world_adopt(self, number: int) -> None:
        if number < 0:
            raise ValueError("negative file descriptor")
        if number not in self._world_network.descriptors:
            raise failure(errno.EBADF)
        self._world_fd, self._world_end = number, self._world_network.descriptors[number]

    def _world_here(self) -> Endpoint:
        if self._world_fd < 0 or active.run is not self._world_run:
            raise failure(errno.EBADF)
        return self._world_end

    def detach(self) -> int:
        number, self._world_fd = self._world_fd, -1
        return number

    def fileno(self) -> int:
        return self._world_fd

    def getsockname(self) -> Any:
        end = self._world_here()
        if end.local is None:
            return "" if end.is_pair else (ANY_HOST[0], 0) if end.family == socket.AF_INET else (ANY_HOST[1], 0, 0, 0)
        return end.local

    def getpeername(self) -> Any:
        end = self._world_here()
        if end.state != "connected" and not end.is_pair:
            raise failure(errno.ENOTCONN)
        return "" if end.is_pair else end.remote

    @property
    def family(self) -> int:
        return self._world_end.family

    @property
    def type(self) -> int:
        return int(socket.SOCK_STREAM)

    @property
    def proto(self) -> int:
        return self._world_proto

    @property
    def timeout(self) -> float | None:
        return self._world_timeout

    def gettimeout(self) -> float | None:
        return self._world_timeout

    def settimeout(self, value: float | None) -> None:
        self._world_timeout = checked_timeout(value)
        if self._world_fd < 0:
            raise failure(errno.EBADF)
        self._world_end.nonblocking = value is not None

    def setblocking(self, flag: bool) -> None:
        self.settimeout(None if flag else 0.0)

    def getblocking(self) -> bool:
        return self._world_timeout != 0

    def setsockopt(self, level: int, name: int, value: Any, length: int | None = None) -> None:
        if length is not None:
            raise not_modelled("socket.setsockopt with an option's length")
        stored = operator.index(value) if hasattr(value, "__index__") else bytes(bytes_of(value))
        end = self._world_here()
        if level == socket.SOL_SOCKET and name in _PATIENCE:
            _check_patience(stored)
        end.options[(int(level), int(name))] = stored

    def getsockopt(self, level: int, name: int, length: int = 0) -> int | bytes:
        end = self._world_here()
        if level == socket.SOL_SOCKET and name == socket.SO_ERROR:
            value: int | bytes = end.take_error().errno or 0 if end.error else 0
        elif level == socket.SOL_SOCKET and name in _ASKED:
            value = _ASKED[name](end)
        else:
            value = end.options.get((level, name), 0)
        if length and isinstance(value, int):
            return struct.pack("i", value)[:length]
        return value if length or isinstance(value, int) else int.from_bytes(value[:4], sys.byteorder)

    def __getattr__(self, name: str) -> Any:
        if hasattr(socket.socket, name):
            raise not_modelled(f"socket.socket.{name}")
        raise AttributeError(f"{self.__class__.__name__!r} object has no attribute {name!r}")


_TIMEVAL = struct.Struct("@ll")
_PATIENCE = (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO)


def patience(end: Endpoint, option: int) -> float | None:
    """Seconds after which the kernel gives up a call that waits; None: never. See socket(7).

    Args:
        end: the socket.
        option: SO_RCVTIMEO or SO_SNDTIMEO.
    """
    stored = end.options.get((socket.SOL_SOCKET, option))
    if not isinstance(stored, bytes):
        return None
    seconds, micros = _TIMEVAL.unpack_from(stored)
    if seconds == micros == 0:
        return None
    return float(max(0, seconds + micros / 1e6))


def _check_patience(value: int | bytes) -> None:
    if isinstance(value, int) or len(value) < _TIMEVAL.size:
        raise failure(errno.EINVAL)
    if not 0 <= _TIMEVAL.unpack_from(value)[1] < 1_000_000:
        raise failure(errno.EDOM)


_ASKED: dict[int, Callable[[Endpoint], int]] = {
    socket.SO_TYPE: lambda _: int(socket.SOCK_STREAM),
    socket.SO_DOMAIN: lambda end: end.family,
    socket.SO_PROTOCOL: lambda end: 0 if end.is_pair else int(socket.IPPROTO_TCP),
    socket.SO_ACCEPTCONN: lambda end: int(end.state == "listening"),
}


def checked_timeout(value: float | None) -> float | None:
    """A time-out, refused as the real `settimeout` does."""
    if value is None:
        return None
    seconds = float(value) if isinstance(value, float) else operator.index(value)
    if not seconds >= 0:
        raise ValueError("Timeout value out of range")
    return float(seconds)


def bytes_of(data: Any) -> memoryview:
    """The bytes of what is to be sent, refused as the real ones do."""
    try:
        return memoryview(data).cast("B")
    except TypeError:
        raise TypeError(f"a bytes-like object is required, not {class_name(data)!r}") from None


def class_name(thing: object) -> str:
    """The name of its class."""
    return thing.__class__.__name__


def _check_kind(family: int, kind: int, proto: int) -> None:
    known = family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)
    if not known or kind != socket.SOCK_STREAM:
        raise not_modelled(f"a socket of family {family}, type {kind}")
    if proto not in (0, socket.IPPROTO_TCP):
        raise failure(errno.EPROTONOSUPPORT)
