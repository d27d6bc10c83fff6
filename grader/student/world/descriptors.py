"""What `os` has for descriptors: pipes, and what reads, writes and closes them, event counters and sockets.

A pipe is a pair of connected sockets of which one end is only read and the other only written. See pipe(2).
"""

from __future__ import annotations

import errno
import operator
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from grader.student.world.active import not_modelled
from grader.student.world.core_socket import CoreSocket, close_number, socketpair
from grader.student.world.network import FIRST_NUMBER, network
from grader.student.world.streams import failure


def pipe() -> tuple[int, int]:
    """`os.pipe`."""
    ends = socketpair()
    numbers: tuple[int, int] = ends[0].fileno(), ends[1].fileno()
    network().pipes.update({numbers[0]: (ends[0], "read"), numbers[1]: (ends[1], "write")})
    return numbers


def pipe2(flags: int) -> tuple[int, int]:
    """`os.pipe2`."""
    numbers = pipe()
    for number in numbers:
        set_blocking(number, not flags & os.O_NONBLOCK)
    return numbers


def read(fd: int, length: int) -> bytes:
    """`os.read`."""
    with _used("read", fd) as end:
        return end.recv(length)


def write(fd: int, data: Any) -> int:
    """`os.write`."""
    with _used("write", fd) as end:
        return end.send(data)


def close(fd: int) -> None:
    """`os.close`."""
    number = _modelled("close", fd)
    end, _ = network().pipes.pop(number, (None, ""))
    if end is None:
        close_number(number)
    else:
        end.close()


def get_blocking(fd: int) -> bool:
    """`os.get_blocking`."""
    return bool(_end("get_blocking", fd).getblocking())


def set_blocking(fd: int, blocking: bool) -> None:
    """`os.set_blocking`."""
    _end("set_blocking", fd).setblocking(blocking)


@contextmanager
def _used(call: str, fd: int) -> Iterator[CoreSocket]:
    """What is read or written: one end of a pipe, or a socket, which stays its owner's."""
    number = _modelled(call, fd)
    if number in network().pipes or number not in network().descriptors:
        yield _end(call, fd)
        return
    borrowed = CoreSocket(fileno=number)
    borrowed._world_timeout = 0.0 if borrowed._world_end.nonblocking else None
    try:
        yield borrowed
    finally:
        borrowed.detach()


def _end(call: str, fd: int) -> CoreSocket:
    number = _modelled(call, fd)
    end, direction = network().pipes.get(number, (None, ""))
    if end is None and number in network().descriptors:
        raise not_modelled(f"os.{call} of a socket")
    if end is None or (call in ("read", "write") and direction not in (call, "both")):
        raise failure(errno.EBADF)
    found: CoreSocket = end
    return found


def _modelled(call: str, fd: int) -> int:
    number = operator.index(fd)
    if 0 <= number < FIRST_NUMBER:
        raise not_modelled(f"os.{call}")  # of a real file
    return number
