"""What TCP still has to do in the student's network, by the kernel's tables of sockets: see proc_net(5)."""

from __future__ import annotations

import contextlib

from grader.testing.procfs import read

_LISTEN = "0A"
_ON_THE_WAY = ("02", "03")  # SYN_SENT, SYN_RECV


def bytes_on_the_way(pid: int) -> bool:
    """Whether TCP in the network of `pid` still has something to deliver by itself.

    That is a handshake not finished, or bytes sent and not yet acknowledged (the retransmission
    timer runs). Bytes that wait because the other side does not read (zero-window probes) do not count.
    """
    for name in _tables(pid):
        try:
            lines = read(f"/proc/{pid}/net/{name}").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] in _ON_THE_WAY or fields[5].startswith("01:"):
                return True
    return False


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
                if int(fields[1].rpartition(":")[2], 16) == port:
                    waiting += int(fields[4].rpartition(":")[2], 16)
    return waiting


def is_held(pid: int, port: int) -> bool:
    """Whether a process in the network of `pid` still has the other end of the connection that `port` is one end of.

    A socket that was closed may go on in the kernel, but belongs to no file: its inode is 0.
    """
    for name in _tables(pid):
        with contextlib.suppress(OSError):
            for line in read(f"/proc/{pid}/net/{name}").splitlines()[1:]:
                fields = line.split()
                if int(fields[2].rpartition(":")[2], 16) == port and fields[9] != "0":
                    return True
    return False


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
