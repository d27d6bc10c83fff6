"""The socket of the world below `socket.socket`: what `_socket.socket` is to the standard library.

A call is one point, at which it may come before or after what others do; then it finds its socket, and waits if it
must. No points: what reads or sets nothing but this object's own attributes. Semantics: Modules/socketmodule.c.

`recv` takes no more than what one `send` has sent, so that a request that comes in pieces is seen in pieces.
"""

from __future__ import annotations

import errno
import operator
import socket
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from grader.student.world.active import active, not_modelled
from grader.student.world.addresses import parse
from grader.student.world.network import FIRST_NUMBER, Address, Endpoint, network
from grader.student.world.socket_settings import SocketSettings, bytes_of, class_name, patience
from grader.student.world.streams import failure, join

T = TypeVar("T")

CONNECT_LIMIT = 127.0
"""Seconds after which the system gives a connection up for which the listener has no room."""

_NEEDLESS = socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT
_NOTHING = object()


class CoreSocket(SocketSettings):
    """`_socket.socket`."""

    __slots__ = ()

    # --- how a call is made ---------------------------------------------------------------------

    def _world_enter(self) -> Endpoint:
        """The point of a call, then its socket."""
        if active.run is not self._world_run:
            raise failure(errno.EBADF)
        _point()
        return self._world_here()

    def _world_call(
        self,
        kind: str,
        ready: Callable[[Endpoint], bool],
        act: Callable[[Endpoint], T],
        timeout: Any = _NOTHING,
    ) -> T:
        """Acts as soon as it can, within the time-out; until then the kernel keeps the socket, whoever closes it."""
        limit = self._world_timeout if timeout is _NOTHING else timeout
        end = self._world_enter()
        if ready(end):
            return act(end)
        of_kernel = (
            patience(end, socket.SO_SNDTIMEO if kind == "send" else socket.SO_RCVTIMEO) if limit is None else None
        )
        if limit == 0 or of_kernel == 0:
            raise failure(errno.EAGAIN)
        end.calls += 1
        try:
            came = active.run.wait(lambda: ready(end), kind, self, limit if of_kernel is None else of_kernel)
            if not came:
                raise TimeoutError("timed out") if of_kernel is None else failure(errno.EAGAIN)
            if limit is not None and self._world_fd < 0:
                raise failure(errno.EBADF)  # one that has a time-out waits first, and calls then
            return act(end)
        finally:
            end.calls -= 1
            end.release_if_unused()

    # --- addresses and connections --------------------------------------------------------------

    def bind(self, address: Any) -> None:
        host, port = parse(self.family, address, "bind")
        self._world_enter().bind(host, port)
        active.run.changed()

    def listen(self, backlog: int = 128) -> None:
        number = operator.index(backlog)
        self._world_enter().listen(number)
        active.run.changed()

    def _accept(self) -> tuple[int, Any]:
        def act(end: Endpoint) -> tuple[int, Any]:
            accepted = end.accept()
            active.run.changed()
            return self._world_network.open(accepted), accepted.remote

        return self._world_call("accept", Endpoint.can_accept, act)

    def connect(self, address: Any) -> None:
        host, port = parse(self.family, address, "connect")
        limit = self._world_timeout
        end = self._world_enter()
        end.connect(host, port)
        active.run.changed()
        if limit == 0:
            if not end.connect_told:
                raise failure(errno.EINPROGRESS)
            return
        if not end.is_connected():
            self._world_wait_for_connection(limit)
        end.connect_told = True
        if end.error:
            raise end.take_error()

    def _world_wait_for_connection(self, limit: float | None) -> None:
        end = self._world_end
        of_kernel = patience(end, socket.SO_SNDTIMEO) if limit is None else None
        seconds = of_kernel or (CONNECT_LIMIT if limit is None else limit)
        end.calls += 1
        try:
            came = active.run.wait(end.is_connected, "connect", self, seconds)
        finally:
            end.calls -= 1
            end.release_if_unused()
        if not came and of_kernel:
            raise failure(errno.EINPROGRESS)
        if not came:
            raise failure(errno.ETIMEDOUT) if limit is None else TimeoutError("timed out")

    def connect_ex(self, address: Any) -> int:
        try:
            self.connect(address)
        except TimeoutError as error:
            return error.errno or errno.EAGAIN
        except OSError as error:
            if isinstance(error, socket.gaierror) or error.errno is None:
                raise
            return error.errno
        return 0

    # --- data -----------------------------------------------------------------------------------

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        return self._world_receive(bufsize, flags, "recv")

    def recvfrom(self, bufsize: int, flags: int = 0) -> tuple[bytes, Address | None]:
        return self._world_receive(bufsize, flags, "recvfrom"), None

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        return self._world_receive_into(buffer, nbytes, flags, "recv_into")

    def recvfrom_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> tuple[int, Address | None]:
        return self._world_receive_into(buffer, nbytes, flags, "recvfrom_into"), None

    def recvmsg(
        self, bufsize: int, ancbufsize: int = 0, flags: int = 0
    ) -> tuple[bytes, list[Any], int, Address | None]:
        _check_ancillary("recvmsg", ancbufsize)
        return self._world_receive(bufsize, flags, "recvmsg"), [], 0, None

    def recvmsg_into(
        self, buffers: Iterable[Any], ancbufsize: int = 0, flags: int = 0
    ) -> tuple[int, list[Any], int, Address | None]:
        _check_ancillary("recvmsg_into", ancbufsize)
        views = [memoryview(buffer).cast("B") for buffer in buffers]
        if any(view.readonly for view in views):
            raise TypeError("recvmsg_into() argument 1 must be an iterable of single-segment read-write buffers")
        data = left = self._world_receive(sum(map(len, views)), flags, "recvmsg_into")
        for view in views:
            view[: len(left)] = left[: len(view)] if len(left) > len(view) else left
            left = left[len(view) :]
        return len(data), [], 0, None

    def _world_receive_into(self, buffer: Any, nbytes: int, flags: int, called: str) -> int:
        view = memoryview(buffer).cast("B")
        if view.readonly:
            raise TypeError(f"{called}() argument 1 must be read-write bytes-like object, not {class_name(buffer)}")
        if nbytes > len(view):
            raise ValueError("buffer too small for requested bytes")
        if nbytes < 0:
            raise ValueError(f"negative buffersize in {called}")
        data = self._world_receive(nbytes or len(view), flags, called)
        view[: len(data)] = data
        return len(data)

    def _world_receive(self, bufsize: int, flags: int, called: str) -> bytes:
        if flags & socket.MSG_WAITALL:
            return self._world_receive_all(bufsize, flags & ~socket.MSG_WAITALL, called)
        most = operator.index(bufsize)
        if most < 0:
            raise ValueError(f"negative buffersize in {called}")
        peek = bool(flags & socket.MSG_PEEK)
        limit = _limit(self._world_timeout, flags & ~socket.MSG_PEEK, called)
        if most == 0:
            return b""

        def act(end: Endpoint) -> bytes:
            data = end.receive(most, peek)
            active.run.changed()
            return data

        return self._world_call("recv", _can_read, act, limit)

    def _world_receive_all(self, bufsize: int, flags: int, called: str) -> bytes:
        data = b""
        while len(data) < bufsize and (more := self._world_receive(bufsize - len(data), flags, called)):
            data += more
        return data

    def send(self, data: Any, flags: int = 0) -> int:
        view = bytes_of(data)
        limit = _limit(self._world_timeout, flags, "send")
        if limit is not None:
            return self._world_send_some(view, limit)
        sent = 0  # without a time-out the kernel does not come back either until all is sent
        try:
            for so_far in self._world_send_on(view, None):
                sent = so_far
        except (ConnectionError, BlockingIOError):
            if not sent:
                raise
        return sent

    def sendmsg(self, buffers: Iterable[Any], ancdata: Iterable[Any] = (), flags: int = 0, address: Any = None) -> int:
        if [*ancdata] or address is not None:
            raise not_modelled("socket.sendmsg with more than bytes")
        return self.send(b"".join(map(bytes_of, buffers)), flags)

    def sendall(self, data: Any, flags: int = 0) -> None:
        for _ in self._world_send_on(bytes_of(data), _limit(self._world_timeout, flags, "sendall")):
            pass

    def _world_send_on(self, view: memoryview, limit: float | None) -> Iterator[int]:
        """Sends piece by piece until all is sent; how much it has been so far."""
        last = None if limit is None else active.run.now + limit
        sent = self._world_send_some(view, limit)
        yield sent
        while sent < len(view):
            if last is not None and limit:
                limit = last - active.run.now
                if limit <= 0:
                    raise TimeoutError("timed out")
            sent += self._world_send_some(view[sent:], limit)
            yield sent

    def _world_send_some(self, view: memoryview, limit: float | None) -> int:
        def act(end: Endpoint) -> int:
            sent = end.send(view)
            active.run.changed()
            return sent

        return self._world_call("send", _can_write, act, limit)

    # --- the end --------------------------------------------------------------------------------

    def shutdown(self, how: int) -> None:
        number = operator.index(how)
        end = self._world_enter()
        active.run.changed()
        end.shutdown(number)

    def close(self) -> None:
        if self._world_fd < 0 or active.run is not self._world_run or self._world_run.ending:
            return  # closed already, or what a run has left behind is thrown away
        _point()
        self._world_drop()

    def _world_drop(self) -> None:
        number, self._world_fd = self._world_fd, -1
        if number >= 0:
            self._world_network.close(number)

    def __del__(self) -> None:
        # As the real one is closed when nobody has it any more. No point: it must not stop where nobody expects it.
        if getattr(self, "_world_fd", -1) >= 0 and active.run is self._world_run and not self._world_run.ending:
            self._world_drop()


def socketpair(family: int = socket.AF_UNIX, type: int = socket.SOCK_STREAM, proto: int = 0) -> Any:
    """`_socket.socketpair`."""
    if family != socket.AF_UNIX:
        raise failure(errno.EOPNOTSUPP)
    pair = CoreSocket(family, type, proto), CoreSocket(family, type, proto)
    join(pair[0]._world_end, pair[1]._world_end)
    return pair


def dup(number: int) -> int:
    """`_socket.dup`."""
    index = operator.index(number)
    if 0 <= index < FIRST_NUMBER:
        raise not_modelled("a real file descriptor")
    found = network().descriptors.get(index)
    if found is None:
        raise failure(errno.EBADF)
    return network().open(found)


def close_number(number: int) -> None:
    """`socket.close`."""
    _point()
    network().close(operator.index(number))


def _can_read(end: Endpoint) -> bool:
    return end.can_read()


def _can_write(end: Endpoint) -> bool:
    return end.can_write()


def _point() -> None:
    run = active.run
    if run is active.setup or not run.current.done:  # a task that is over throws away what it had, and never comes back
        run.point()


def _check_ancillary(called: str, size: int) -> None:
    if operator.index(size) < 0:
        raise ValueError(f"invalid ancillary data buffer length in {called}()")


def _limit(timeout: float | None, flags: int, called: str) -> float | None:
    if flags & ~_NEEDLESS:
        raise not_modelled(f"socket.{called} with flags {flags:#x}")
    return 0.0 if flags & socket.MSG_DONTWAIT else timeout
