"""The module that stands in for `socket`: the standard library's own, over `core_socket`.

`socket.py` is executed once more, so that `create_server`, `create_connection`, `makefile` and all else that is
written in Python is what it is in the Python that runs.
"""

from __future__ import annotations

import _socket
import builtins
import enum
import importlib
import importlib.util
import io
import socket
import types
from collections.abc import Callable
from typing import Any

from grader.student.world import addresses
from grader.student.world.active import active
from grader.student.world.core_socket import CoreSocket, close_number, dup, socketpair
from grader.student.world.network import network
from grader.student.world.refused import refusal, refusing
from grader.student.world.socket_settings import checked_timeout
from grader.student.world.waitable import Waitable

_pyio: Any = importlib.import_module("_pyio")

_PURE = (
    "error", "gaierror", "herror", "timeout", "has_ipv6", "htonl", "htons", "ntohl", "ntohs", "inet_aton", "inet_ntoa",
    "inet_ntop", "inet_pton", "getservbyname", "getservbyport", "getprotobyname",
)  # fmt: skip
"""What has nothing to do with the network."""


class _Enumerated:
    """Takes the place of an enum class whose members the constants are already."""

    @classmethod
    def _convert_(cls, *_: object) -> None:
        pass


class Turn(Waitable):
    """The lock in a buffered file. It is a point only for one who has to wait."""

    def __init__(self) -> None:
        super().__init__()
        self._run = active.run
        self._taken = False
        self._waiting = 0

    def __enter__(self) -> None:
        if self._taken and active.run is self._run:
            self._waiting += 1
            try:
                active.run.wait(lambda: not self._taken, "use", self)
            finally:
                self._waiting -= 1
        self._taken = True

    def __exit__(self, *_: object) -> None:
        self._taken = False
        if self._waiting:
            active.run.changed()


class Reader(_pyio.BufferedReader):  # type: ignore[misc]
    """`io.BufferedReader`."""

    def __init__(self, raw: Any, buffer_size: int = io.DEFAULT_BUFFER_SIZE) -> None:
        super().__init__(raw, buffer_size)
        self._read_lock = Turn()

    def close(self) -> None:
        with self._read_lock:
            super().close()


class Writer(_pyio.BufferedWriter):  # type: ignore[misc]
    """`io.BufferedWriter`."""

    def __init__(self, raw: Any, buffer_size: int = io.DEFAULT_BUFFER_SIZE) -> None:
        super().__init__(raw, buffer_size)
        self._write_lock = Turn()


class Pair(_pyio.BufferedRWPair):  # type: ignore[misc]
    """`io.BufferedRWPair`."""

    def __init__(self, reader: Any, writer: Any, buffer_size: int = io.DEFAULT_BUFFER_SIZE) -> None:
        self.reader, self.writer = Reader(reader, buffer_size), Writer(writer, buffer_size)


def socket_module() -> types.ModuleType:
    """A module to stand in for `socket`."""
    instead = {
        "_socket": _core_module(),
        "io": _io_module(),
        "enum": types.SimpleNamespace(IntEnum=_Enumerated, IntFlag=_Enumerated, Enum=enum.Enum),
    }
    enums = {name: getattr(socket, name) for name in ("AddressFamily", "SocketKind", "MsgFlag", "AddressInfo")}
    module = execute_over("socket", instead, enums)
    space = module.__dict__
    space["socket"].sendfile = space["socket"]._sendfile_use_send  # as it does where the system has no better way
    space["has_dualstack_ipv6"] = refusal("socket.has_dualstack_ipv6")
    space["__all__"] = [name for name in space["__all__"] if name in space]
    return refusing(module, socket)


def execute_over(name: str, instead: dict[str, Any], given: dict[str, Any]) -> types.ModuleType:
    """Executes a module of the standard library from its source.

    Args:
        name: of the module.
        instead: modules that it gets for its imports instead of the real ones, by name.
        given: names that it has from the start.
    """
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        raise ImportError(f"No module named {name!r}")
    code = spec.loader.get_code(name)  # type: ignore[attr-defined]
    module = types.ModuleType(name, None)
    real_import = builtins.__import__

    def import_module(wanted: str, *args: Any) -> Any:
        return instead[wanted] if wanted in instead else real_import(wanted, *args)

    module.__dict__.update(given, __builtins__={**vars(builtins), "__import__": import_module})
    exec(code, module.__dict__)
    return module


def _core_module() -> types.ModuleType:
    """A module to stand in for `_socket`."""
    module = types.ModuleType("_socket")
    names = [name for name in dir(_socket) if name.isupper() and name not in ("CAPI",)]
    module.__dict__.update({name: getattr(socket, name, None) for name in (*names, *_PURE)})
    functions: dict[str, Callable[..., Any]] = {
        "socketpair": socketpair, "close": close_number, "dup": dup,
        "getdefaulttimeout": _getdefaulttimeout, "setdefaulttimeout": _setdefaulttimeout,
        **{name: getattr(addresses, name) for name in addresses.FUNCTIONS},
    }  # fmt: skip
    # A class may keep one as an attribute, which does not make a method of a function written in C.
    module.__dict__.update({name: staticmethod(function) for name, function in functions.items()})
    module.__dict__.update(socket=CoreSocket, SocketType=CoreSocket)
    return module


def _io_module() -> types.ModuleType:
    """A module to stand in for `io`: a real buffered file holds a real lock while it waits for its socket."""
    module = types.ModuleType("io")
    module.__dict__.update(vars(io))
    module.__dict__.update(BufferedReader=Reader, BufferedWriter=Writer, BufferedRWPair=Pair)
    return module


def _getdefaulttimeout() -> float | None:
    return network().default_timeout


def _setdefaulttimeout(timeout: float | None) -> None:
    network().default_timeout = checked_timeout(timeout)
