"""Names and addresses of the one machine that the world has: `localhost`."""

from __future__ import annotations

import operator
import socket
from typing import Any

from grader.student.world.active import not_modelled

NAMES = {"localhost": ("127.0.0.1", "::1"), "": ("0.0.0.0", "::"), "ip6-localhost": ("", "::1")}
"""Each name, with its IPv4 and its IPv6 address."""

FUNCTIONS = ("getaddrinfo", "gethostbyaddr", "gethostbyname", "gethostbyname_ex", "gethostname", "getnameinfo")
"""Those of `_socket`."""

_PROTOCOLS = ((socket.SOCK_STREAM, socket.IPPROTO_TCP), (socket.SOCK_DGRAM, socket.IPPROTO_UDP), (socket.SOCK_RAW, 0))


def resolve(host: str, family: int) -> str:
    """The numeric address of a name.

    Raises:
        socket.gaierror: nobody is called so.
    """
    found = host if _is_numeric(host, family) else NAMES.get(host, ("", ""))[family == socket.AF_INET6]
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return found


def _is_numeric(host: str, family: int) -> bool:
    try:
        socket.inet_pton(family, host)
    except OSError:
        return False
    return True


def parse(family: int, address: Any, called: str) -> tuple[str, int]:
    """Host and port out of what `bind` or `connect` was given, refused as the real ones do."""
    if family == socket.AF_UNIX:
        raise not_modelled("a socket that has a name in the file system")
    kind = "AF_INET6" if family == socket.AF_INET6 else "AF_INET"
    if not isinstance(address, tuple):
        raise TypeError(f"{called}(): {kind} address must be tuple, not {type(address).__name__}")
    if len(address) != 2 and not (family == socket.AF_INET6 and 2 < len(address) <= 4):
        shape = "a tuple (host, port[, flowinfo[, scopeid]])" if family == socket.AF_INET6 else "a pair (host, port)"
        raise TypeError(f"{kind} address must be {shape}")
    host, port = address[0], operator.index(address[1])
    if not isinstance(host, str | bytes | bytearray):
        raise TypeError(f"str, bytes or bytearray expected, not {type(host).__name__}")
    if not 0 <= port <= 65_535:
        raise OverflowError(f"{called}(): port must be 0-65535.")
    return resolve(host if isinstance(host, str) else host.decode(), family), port


def getaddrinfo(
    host: str | bytes | None,
    port: str | bytes | int | None,
    family: int = 0,
    type: int = 0,
    proto: int = 0,
    flags: int = 0,
) -> list[tuple[int, int, int, str, Any]]:
    """`_socket.getaddrinfo`."""
    name = host.decode() if isinstance(host, bytes) else host
    if name is None:
        name = "" if flags & socket.AI_PASSIVE else "localhost"
    number = _port(port)
    found: list[tuple[int, int, int, str, Any]] = []
    for each in (socket.AF_INET, socket.AF_INET6):
        if family not in (0, each):
            continue
        try:
            numeric = resolve(name, each)
        except socket.gaierror:
            continue
        address = (numeric, number) if each == socket.AF_INET else (numeric, number, 0, 0)
        for kind, protocol in _PROTOCOLS:
            if type in (0, kind) and proto in (0, protocol):
                found.append((each, kind, protocol, "", address))
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return found


def _port(port: str | bytes | int | None) -> int:
    text = port.decode() if isinstance(port, bytes) else port
    if isinstance(text, str) and not text.isdigit():
        try:
            return socket.getservbyname(text)
        except OSError:
            raise socket.gaierror(socket.EAI_SERVICE, "Servname not supported for ai_socktype") from None
    return int(text or 0)


def gethostbyname(name: str) -> str:
    """`_socket.gethostbyname`."""
    return resolve(name, socket.AF_INET)


def gethostbyname_ex(name: str) -> tuple[str, list[str], list[str]]:
    """`_socket.gethostbyname_ex`."""
    return name, [], [gethostbyname(name)]


def gethostbyaddr(name: str) -> tuple[str, list[str], list[str]]:
    """`_socket.gethostbyaddr`."""
    numeric = resolve(name, socket.AF_INET6 if ":" in name else socket.AF_INET)
    return "localhost", [], [numeric]


def gethostname() -> str:
    """`_socket.gethostname`."""
    return "localhost"


def getnameinfo(address: tuple[Any, ...], flags: int) -> tuple[str, str]:
    """`_socket.getnameinfo`."""
    name = address[0] if flags & socket.NI_NUMERICHOST else "localhost"
    return name, str(address[1])
