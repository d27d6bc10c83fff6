"""Waiting for several sockets: the modules that stand in for `select` and `selectors`.

`selectors` is the standard library's own, executed over the modelled `select`. The calls that wait and those
that change what is waited for are points. Sources: Modules/selectmodule.c; select(2), poll(2), epoll(7).
"""

from __future__ import annotations

import errno
import operator
import select as real_select
import selectors
import types
from collections.abc import Iterable
from typing import Any

from grader.student.world.active import active, not_modelled
from grader.student.world.network import FIRST_NUMBER, Endpoint, network
from grader.student.world.refused import refusing
from grader.student.world.sockets import execute_over
from grader.student.world.streams import failure
from grader.student.world.waitable import Waitable

_READABLE = real_select.POLLIN | real_select.POLLHUP | real_select.POLLERR
_WRITABLE = real_select.POLLOUT | real_select.POLLERR
_ALWAYS = real_select.POLLHUP | real_select.POLLERR
_ABSENT = ("kqueue", "kevent", "devpoll")
"""What other systems have; the world has what Linux has."""


class Sockets(Waitable):
    """What a thread waits for in `select`."""

    def __init__(self, files: list[Any]) -> None:
        super().__init__()
        self.files = files


def select(rlist: Iterable[Any], wlist: Iterable[Any], xlist: Iterable[Any], timeout: float | None = None) -> Any:
    """`select.select`."""
    if timeout is not None and not isinstance(timeout, float):
        timeout = operator.index(timeout)
    if timeout is not None and timeout < 0:
        raise ValueError("timeout must be non-negative")
    run = active.run
    run.point()
    reading, writing, _ = wanted = [
        [(file, endpoint(number(file))) for file in files] for files in (rlist, wlist, xlist)
    ]

    def ready() -> bool:
        return _any(reading, _READABLE) or _any(writing, _WRITABLE)

    if not ready() and timeout != 0:
        of = Sockets([file for files in wanted for file, _ in files])
        _wait(ready, of, timeout, [end for files in wanted for _, end in files])
    return (
        [file for file, end in reading if end.mask() & _READABLE],
        [file for file, end in writing if end.mask() & _WRITABLE],
        [],
    )


def _any(wanted: list[tuple[Any, Endpoint]], events: int) -> bool:
    return any(end.mask() & events for _, end in wanted)


def _wait(ready: Any, of: Any, timeout: float | None, used: list[Endpoint]) -> None:
    """Waits; meanwhile the kernel keeps the sockets, whoever closes them."""
    for end in used:
        end.calls += 1
    try:
        active.run.wait(ready, "select", of, timeout)
    finally:
        for end in used:
            end.calls -= 1
            end.release_if_unused()


class Poll(Waitable):
    """What `select.poll` returns."""

    def __init__(self) -> None:
        super().__init__()
        self._wanted: dict[int, int] = {}

    def register(
        self, fd: Any, eventmask: int = real_select.POLLIN | real_select.POLLPRI | real_select.POLLOUT
    ) -> None:
        self._wanted[_modelled(number(fd))] = _events(eventmask)

    def modify(self, fd: Any, eventmask: int) -> None:
        if number(fd) not in self._wanted:
            raise failure(errno.ENOENT)
        self._wanted[number(fd)] = _events(eventmask)

    def unregister(self, fd: Any) -> None:
        del self._wanted[number(fd)]

    def poll(self, timeout: float | None = None) -> list[tuple[int, int]]:
        """`timeout` in milliseconds."""
        active.run.point()
        ends = {fd: network().descriptors.get(fd) for fd in self._wanted}
        wanted = dict(self._wanted)

        def found() -> list[tuple[int, int]]:
            masks = {fd: _seen(end, wanted[fd]) for fd, end in ends.items()}
            return [(fd, mask) for fd, mask in masks.items() if mask]

        limit = None if timeout is None or timeout < 0 else timeout / 1000
        if limit != 0 and not found():
            _wait(found, self, limit, [end for end in ends.values() if end is not None])
        return found()


def _seen(end: Endpoint | None, events: int) -> int:
    return real_select.POLLNVAL if end is None else end.mask() & (events | _ALWAYS)


class Epoll(Waitable):
    """`select.epoll`, level-triggered."""

    def __init__(self, sizehint: int = -1, flags: int = 0) -> None:
        super().__init__()
        if sizehint < -1 or sizehint == 0:
            raise ValueError("sizehint must be positive or -1")
        self.closed = False
        self._wanted: dict[int, tuple[Endpoint, int]] = {}

    def register(
        self, fd: Any, eventmask: int = real_select.POLLIN | real_select.POLLPRI | real_select.POLLOUT
    ) -> None:
        end = self._enter(fd)
        if self._has(number(fd), end):
            raise failure(errno.EEXIST)
        self._wanted[number(fd)] = end, _events(eventmask)
        active.run.changed()

    def modify(self, fd: Any, eventmask: int) -> None:
        end = self._enter(fd)
        if not self._has(number(fd), end):
            raise failure(errno.ENOENT)
        self._wanted[number(fd)] = end, _events(eventmask)
        active.run.changed()

    def unregister(self, fd: Any) -> None:
        end = self._enter(fd)
        if not self._has(number(fd), end):
            raise failure(errno.ENOENT)
        del self._wanted[number(fd)]

    def _enter(self, fd: Any) -> Endpoint:
        self._check_open()
        active.run.point()
        return endpoint(number(fd))

    def _has(self, fd: int, end: Endpoint) -> bool:
        # The number of a socket that has been closed may be that of another one by now.
        return fd in self._wanted and self._wanted[fd][0] is end

    def poll(self, timeout: float | None = None, maxevents: int = -1) -> list[tuple[int, int]]:
        """`timeout` in seconds."""
        self._check_open()
        if maxevents < -1 or maxevents == 0:
            raise ValueError("maxevents must be greater than 0")
        active.run.point()
        limit = None if timeout is None or timeout < 0 else timeout
        found = self._found()
        if not found and limit != 0:
            active.run.wait(self._found, "select", self, limit)
            found = self._found()
        return self._told(found if maxevents == -1 else found[:maxevents])

    def _found(self) -> list[tuple[int, int]]:
        watched = [(fd, end, events) for fd, (end, events) in self._wanted.items() if not end.released and events]
        masks = [(fd, _seen(end, events)) for fd, end, events in watched]
        return [(fd, mask) for fd, mask in masks if mask]

    def _told(self, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """What is told is not told again, until it is asked for, where it was wanted once only."""
        for fd, _ in found:
            end, events = self._wanted[fd]
            self._wanted[fd] = end, 0 if events & real_select.EPOLLONESHOT else events
        return found

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed epoll object")

    def fileno(self) -> int:
        raise not_modelled("select.epoll.fileno")

    @staticmethod
    def fromfd(fd: int) -> Epoll:
        raise not_modelled(f"select.epoll.fromfd({fd})")

    def close(self) -> None:
        self.closed = True
        self._wanted.clear()

    def __enter__(self) -> Epoll:
        self._check_open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def number(file: Any) -> int:
    """The descriptor of what a program waits for."""
    if isinstance(file, int):
        fd = file
    else:
        fileno = getattr(file, "fileno", None)
        if fileno is None:
            raise TypeError("argument must be an int, or have a fileno() method.")
        fd = fileno()
        if not isinstance(fd, int):
            raise TypeError("fileno() returned a non-integer")
    if fd < 0:
        raise ValueError(f"file descriptor cannot be a negative integer ({fd})")
    return fd


def _modelled(fd: int) -> int:
    if fd < FIRST_NUMBER:
        raise not_modelled("a real file descriptor")
    return fd


def endpoint(fd: int) -> Endpoint:
    """The socket with this descriptor."""
    end = network().descriptors.get(_modelled(fd))
    if end is None:
        raise failure(errno.EBADF)
    return end


def _events(mask: int) -> int:
    events = operator.index(mask)
    if events & (real_select.EPOLLET | real_select.EPOLLEXCLUSIVE):
        raise not_modelled("select.epoll with EPOLLET or EPOLLEXCLUSIVE")
    return events


def select_module() -> types.ModuleType:
    """A module to stand in for `select`."""
    module = types.ModuleType("select", real_select.__doc__)
    module.__dict__.update({name: value for name, value in vars(real_select).items() if name.isupper()})
    # A class may keep it as an attribute, which does not make a method of a function written in C.
    module.__dict__.update(select=staticmethod(select), poll=Poll, epoll=Epoll, error=OSError)
    return refusing(module, real_select, _ABSENT)


def selectors_module() -> types.ModuleType:
    """A module to stand in for `selectors`."""
    return refusing(
        execute_over("selectors", {"select": select_module()}, {}), selectors, ("KqueueSelector", "DevpollSelector")
    )
