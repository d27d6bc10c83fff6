"""Takes the system calls that the filter reports: notes each, and refuses it.

The kernel holds the calling thread until it is answered (seccomp_unotify(2)), so what a program has tried is known
before it can say anything more.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import platform
import select
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.jail.syscalls import numbers

_RECEIVE, _SEND = 0xC0502100, 0xC0182101  # Linux include/uapi/linux/seccomp.h
_NOTIFICATION, _RESPONSE = struct.Struct("=QIIiIQ6Q"), struct.Struct("=QqiI")
_GO_ON = 1
_MOST_NOTED = 20


@dataclass(frozen=True)
class Attempt:
    """One call that a thread of the student's waits in.

    Args:
        name: of the system call.
        thread: the kernel's number, as seen by us.
        arguments: all six.
    """

    name: str
    thread: int
    arguments: tuple[int, ...]


class GoOn(Exception):
    """Raised by a handler: the kernel shall carry out the call itself, whatever its arguments are by then."""


class Refuse(Exception):
    """Raised by a handler: the call is refused and noted, as if there were no handler."""


Handler = Callable[[Attempt], None]
"""Does on behalf of the caller what it asked for; an `OSError` is what the caller gets."""


class Denials:
    """The trusted end of a filter: a thread that answers until the last process behind the filter is gone."""

    def __init__(self, listener: int, handlers: Mapping[str, Handler] | None = None) -> None:
        """Args: listener: the filter's descriptor, closed by `close`. handlers: for calls not refused, by name."""
        self._listener = listener
        self._handlers = handlers or {}
        self._names = {number: name for name, number in numbers(platform.machine()).items()}
        self._noted: dict[str, None] = {}
        self._lock = threading.Lock()
        self._ending, self._end = os.pipe()
        self._thread = threading.Thread(target=self._serve, name="denials", daemon=True)
        self._thread.start()

    def take(self) -> list[str]:
        """The names of the calls that were refused since this was last asked, each once."""
        with self._lock:
            noted, self._noted = self._noted, {}
        return list(noted)

    def close(self) -> None:
        """Stops answering: what still calls is told that there is no such call."""
        os.close(self._end)
        self._thread.join()
        os.close(self._ending)
        os.close(self._listener)

    def _serve(self) -> None:
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        poll.register(self._ending, select.POLLIN)
        while True:
            ready = dict(poll.poll())
            if self._ending in ready or ready.get(self._listener, 0) & ~select.POLLIN:
                return
            with contextlib.suppress(OSError):  # the caller has been killed meanwhile
                self._answer()

    def _answer(self) -> None:
        request = bytearray(_NOTIFICATION.size)
        fcntl.ioctl(self._listener, _RECEIVE, request)
        number, thread, _, call, _, _, *arguments = _NOTIFICATION.unpack(request)
        attempt = Attempt(self._names.get(call, str(call)), thread, tuple(arguments))
        error, flags = self._decide(attempt)
        fcntl.ioctl(self._listener, _SEND, _RESPONSE.pack(number, 0, -error, flags))

    def _decide(self, attempt: Attempt) -> tuple[int, int]:
        """The error that the caller gets, and whether the kernel goes on with the call."""
        try:
            self._handlers.get(attempt.name, _refuse)(attempt)
        except Refuse:
            with self._lock:
                if len(self._noted) < _MOST_NOTED:
                    self._noted[attempt.name] = None
            return errno.EPERM, 0
        except GoOn:
            return 0, _GO_ON
        except OSError as error:
            return error.errno or errno.EPERM, 0
        return 0, 0


def _refuse(_: Attempt) -> None:
    raise Refuse
