"""Counters of the world that wake who waits for a descriptor: `os.eventfd`. See eventfd(2)."""

from __future__ import annotations

import errno
import os
import select
import socket
import struct
from typing import Any

from grader.student.world.active import active, not_modelled
from grader.student.world.core_socket import CoreSocket
from grader.student.world.descriptors import read, write
from grader.student.world.network import Endpoint, Network, network
from grader.student.world.streams import failure

_real: Any = getattr(os, "eventfd", None)
_real_write: Any = getattr(os, "eventfd_write", None)
_close = os.close
_NUMBER = struct.Struct("=Q")
_MOST = (1 << 64) - 2


class Counter(Endpoint):
    """What the kernel keeps for one of them: it is read and written as a socket is, eight bytes at a time."""

    def __init__(self, network: Network, value: int, one_by_one: bool) -> None:
        super().__init__(network, socket.AF_UNIX)
        self._value = value
        self._one_by_one = one_by_one

    def can_read(self) -> bool:
        """Whether a read would not wait."""
        return self._value > 0

    def can_write(self) -> bool:
        """Whether a write would not wait: a counter that is full is not modelled."""
        return True

    def mask(self) -> int:
        """The events that poll would tell of."""
        return select.POLLOUT | (select.POLLIN if self._value else 0)

    def receive(self, most: int, peek: bool = False) -> bytes:
        """Takes what it has come to, or one of it."""
        if most < _NUMBER.size or peek:
            raise failure(errno.EINVAL)
        taken = 1 if self._one_by_one else self._value
        self._value -= taken
        return _NUMBER.pack(taken)

    def send(self, data: memoryview) -> int:
        """Adds a number to it."""
        if len(data) < _NUMBER.size:
            raise failure(errno.EINVAL)
        (added,) = _NUMBER.unpack_from(data)
        if len(data) > _NUMBER.size or self._value + added > _MOST:
            raise not_modelled("os.eventfd with so much written")
        self._value += added
        return len(data)

    def release_if_unused(self) -> None:
        """It is gone when its last descriptor is closed and no call is under way."""
        if not self.descriptors and not self.calls:
            self.released = True
            active.run.changed()


def eventfd(initval: int, flags: int = os.EFD_CLOEXEC if hasattr(os, "EFD_CLOEXEC") else 0) -> int:
    """`os.eventfd`."""
    _close(_real(initval, flags))  # which says what is wrong with arguments
    number = network().open(Counter(network(), initval, bool(flags & os.EFD_SEMAPHORE)))
    end = CoreSocket(fileno=number)
    end.setblocking(not flags & os.EFD_NONBLOCK)
    network().pipes[number] = end, "both"
    return number


def eventfd_read(fd: int) -> int:
    """`os.eventfd_read`."""
    (value,) = _NUMBER.unpack(read(fd, _NUMBER.size))
    return int(value)


def eventfd_write(fd: int, value: int) -> None:
    """`os.eventfd_write`."""
    trial = _real(0)  # the real one says what is wrong with a value
    try:
        _real_write(trial, value)
    finally:
        _close(trial)
    write(fd, _NUMBER.pack(value))
