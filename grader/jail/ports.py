"""A block of TCP ports for one jail that shares the machine's network: Landlock lets its programs use no other.

A program that asks for any port (0) gets one of the block: its `bind` is carried out by the trusted side, on a
duplicate of the socket, at an address read once.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import random
import socket
from collections.abc import Iterator

from grader.jail.denials import Attempt, GoOn

_FIRST, _SIZE, _BLOCKS = 20_000, 64, 190  # below those that Linux gives out by itself
_PIDFD_GETFD = 438  # the same number on every processor
_MOST_ADDRESS = 128


class NoPorts(Exception):
    """Every block is in use."""


class Ports:
    """One block; an abstract Unix socket of the block's name keeps others from taking it."""

    def __init__(self) -> None:
        """Takes a block that nobody else has.

        Raises:
            NoPorts: there is none.
        """
        self._claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        for block in random.sample(range(_BLOCKS), _BLOCKS):
            with contextlib.suppress(OSError):
                self._claim.bind(f"\0threadlab-ports-{block}")
                self.numbers = range(_FIRST + block * _SIZE, _FIRST + (block + 1) * _SIZE)
                return
        self._claim.close()
        raise NoPorts("all blocks of ports are taken by other jails")

    def close(self) -> None:
        """Gives the block back."""
        self._claim.close()

    def bind(self, sock: socket.socket, host: str) -> None:
        """Binds to a port of the block that is free, by chance.

        Raises:
            OSError: none is.
        """
        for port in random.sample(self.numbers, len(self.numbers)):
            try:
                return sock.bind((host, port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))

    def bind_for(self, attempt: Attempt) -> None:
        """Carries out a `bind` that asks for any port; one that names a port is left to the kernel.

        Raises:
            GoOn: it names one.
            OSError: as `bind` itself gives it.
        """
        descriptor, pointer, length, *_ = attempt.arguments
        address = _memory(attempt.thread, pointer, min(length, _MOST_ADDRESS))
        family = int.from_bytes(address[:2], "little") if len(address) >= 16 else 0
        if family not in (socket.AF_INET, socket.AF_INET6) or address[2:4] != b"\0\0":
            raise GoOn
        raw = address[4:8] if family == socket.AF_INET else address[8:24]
        with _duplicate(attempt.thread, descriptor) as theirs:
            if theirs.family != family:
                raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
            self.bind(theirs, socket.inet_ntop(family, raw))


def _memory(thread: int, address: int, count: int) -> bytes:
    file = os.open(f"/proc/{thread}/mem", os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.pread(file, count, address)
    finally:
        os.close(file)


@contextlib.contextmanager
def _duplicate(thread: int, descriptor: int) -> Iterator[socket.socket]:
    """A socket of another process, in ours: the same one, not a copy (pidfd_getfd(2))."""
    process = os.pidfd_open(_process_of(thread))
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        ours = libc.syscall(_PIDFD_GETFD, process, descriptor, 0)
        if ours < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(process)
    with socket.socket(fileno=ours) as found:
        yield found


def _process_of(thread: int) -> int:
    with open(f"/proc/{thread}/status") as file:
        for line in file:
            if line.startswith("Tgid:"):
                return int(line.split()[1])
    raise OSError(errno.ESRCH, os.strerror(errno.ESRCH))
