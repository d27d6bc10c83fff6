"""Landlock: from now on this process and all that it starts open only what is listed (landlock(7)).

Used by the launcher, which runs in an interpreter of its own: standard library only.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same number on every processor
_VERSION = 1
_PATH_BENEATH, _NET_PORT = 1, 2
_PR_SET_NO_NEW_PRIVS = 38

_READ = 1 << 0 | 1 << 2 | 1 << 3
_WRITE_FILE = 1 << 1 | 1 << 14
_OF_FILES = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15
_MADE = sum(1 << bit for bit in (4, 5, 7, 8, 10, 12, 13))  # no devices and no sockets
_ALL_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights on files each version of the interface knows."""
_BIND_CONNECT = 3
_SCOPES = 3  # abstract Unix sockets, signals


class Unavailable(OSError):
    """This kernel cannot do it; the message says what is missing."""


def version() -> int:
    """The version of the kernel's interface; 0 if it has none."""
    libc = ctypes.CDLL(None, use_errno=True)
    found: int = libc.syscall(_CREATE_RULESET, None, 0, _VERSION)
    return max(0, found)


def restrict(read: Iterable[str], write: Iterable[str], ports: Iterable[int]) -> None:
    """Confines the calling process, for good.

    Args:
        read: files and folders that may be read and executed.
        write: files and folders that may be written, too.
        ports: of TCP, that may be bound and connected to.

    Raises:
        Unavailable: the kernel has no Landlock, or none that knows of TCP.
    """
    known = version()
    if known < 4:
        raise Unavailable(f"Landlock of this kernel ({known or 'none'}) does not confine TCP; Linux 6.7 does")
    every = (1 << _ALL_BY_VERSION.get(known, 16)) - 1
    scopes = _SCOPES if known >= 6 else 0
    attributes = struct.pack("=QQQ", every, _BIND_CONNECT, scopes)[: 24 if scopes else 16]
    ruleset = _call(_CREATE_RULESET, attributes, len(attributes), 0)
    for paths, rights in ((read, _READ), (write, _READ | _WRITE_FILE | _MADE)):
        for path in paths:
            _allow(ruleset, path, rights & every)
    for port in ports:
        _call(_ADD_RULE, ruleset, _NET_PORT, struct.pack("=QQ", _BIND_CONNECT, port), 0)
    ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _call(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _OF_FILES
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)


def _call(number: int, *arguments: bytes | int) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    words = [ctypes.c_char_p(word) if isinstance(word, bytes) else ctypes.c_long(word) for word in arguments]
    result: int = libc.syscall(ctypes.c_long(number), *words)
    if result < 0:
        error = ctypes.get_errno()
        raise Unavailable(error, f"Landlock: {os.strerror(error)}")
    return result
