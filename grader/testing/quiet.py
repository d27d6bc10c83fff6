"""Proves that the student process is quiet: no thread of it can go on unless the test does something.

The argument: every thread is seen asleep in the kernel in a wait without a time-out. Then all
packets that were on their way through the loopback device are flushed, and TCP is seen to have nothing left
to deliver by itself. Then every thread is seen again in the same wait, and none has been on a CPU in
between (the kernel counts). So there was a moment at which all of them slept and nothing was on its way to
wake one. No clock is read. The order matters: what was still to come when TCP was asked, and has come since,
has woken a thread by the second look.
"""

from __future__ import annotations

import contextlib
import os
import socket

from grader.testing import kernel, tcp


class LoopbackFlush:
    """Pushes everything through the loopback device that was sent before.

    The kernel keeps packets for the loopback device in one queue for each CPU, first in, first
    out (Linux net/core/dev.c, `enqueue_to_backlog`). When a packet of our own, sent on a CPU, has
    come back, all earlier ones of that CPU have been delivered. Student processes inherit our CPUs.
    """

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(10)
        self._name = self._socket.getsockname()

    def __call__(self) -> None:
        """Returns when all that was sent before the call, on the CPUs that are ours, has arrived."""
        allowed = os.sched_getaffinity(0)
        try:
            for cpu in allowed:
                with contextlib.suppress(OSError):
                    if len(allowed) > 1:
                        os.sched_setaffinity(0, {cpu})
                    self._socket.sendto(b"x", self._name)
                    self._socket.recv(1)
        finally:
            if len(allowed) > 1:
                os.sched_setaffinity(0, allowed)

    def close(self) -> None:
        """Gives the socket back."""
        self._socket.close()


def proved_quiet(pid: int, first: kernel.View, flush: LoopbackFlush) -> bool:
    """Whether the process of `first` is quiet; see the head of this module.

    Args:
        pid: the student process.
        first: a view of it, just taken.
        flush: flushes the loopback device.
    """
    if not first.untimed:
        return False
    flush()
    if tcp.bytes_on_the_way(pid) or kernel.awaits_alarm(pid):
        return False
    second = kernel.look(pid)
    return second is not None and second.threads == first.threads
