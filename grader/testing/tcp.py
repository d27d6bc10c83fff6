"""What TCP still has to do in the student's network, by the kernel's tables of sockets: see proc_net(5)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from grader.testing.procfs import read

_LISTEN = "0A"
_ON_THE_WAY = ("02", "03")  # SYN_SENT, SYN_RECV


def bytes_on_the_way(pid: int) -> bool:
    """Whether TCP in the network of `pid` still has something to deliver by itself.

    That is a handshake not finished, or bytes sent and not yet acknowledged (the retransmission
    timer runs). Bytes that wait because the other side does not read (zero-window probes) do not count.
    """
    return any(row[3] in _ON_THE_WAY or row[5].startswith("01:") for row in _rows(pid))


def accept_queue(pid: int, port: int) -> int:
    """How many connections wait at a port, in the network of `pid`, for a server to accept them."""
    waiting = 0
    for name in _tables(pid):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/net/{name}") as file:
            next(file)
            for line in file:
                fields = line.split()
                if fields[3] != _LISTEN:
                    break  # those that listen come first
                if _port(fields[1]) == port:
                    waiting += int(fields[4].rpartition(":")[2], 16)
    return waiting


def is_held(pid: int, here: int, there: int) -> bool:
    """Whether a process in the network of `pid` has a connection open, from its port `here` to port `there`.

    A socket that was closed may go on in the kernel, but belongs to no file: its inode is 0, as that of a connection
    which nobody has accepted yet.
    """
    return any((_port(row[1]), _port(row[2])) == (here, there) and row[9] != "0" for row in _rows(pid))


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)


def _rows(pid: int) -> Iterator[list[str]]:
    """What the kernel says of each TCP socket in the network of `pid`, as fields; see proc_pid_net(5)."""
    for name in _tables(pid):
        with contextlib.suppress(OSError):
            yield from (line.split() for line in read(f"/proc/{pid}/net/{name}").splitlines()[1:])


def _tables(pid: int) -> list[str]:
    """The tables of TCP sockets that hold any, in the network of `pid`: to list even an empty one takes a while."""
    found = []
    for name, counts in (("tcp", "sockstat"), ("tcp6", "sockstat6")):
        try:
            in_use = read(f"/proc/{pid}/net/{counts}").partition(f"{name.upper()}: inuse ")[2].split()
        except OSError:
            continue
        if in_use[:1] != ["0"]:
            found.append(name)
    return found
