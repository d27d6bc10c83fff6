"""What each thread of a stuck program waits for, in words: by its stack where that tells, else by the kernel."""

from __future__ import annotations

from collections.abc import Sequence

from grader import wire
from grader.testing import kernel
from grader.testing.outside import own_number
from grader.testing.source import Source
from grader.testing.waits import name_of

HELD = "is in a function of the test's, which has not let it go on"
_BY_FUNCTION = {
    "acquire": "waits for a lock",
    "join": "waits for a thread to end (join)",
    "wait": "waits to be notified (wait)",
    "get": "waits for a queue to hold something (get)",
    "put": "waits for room in a queue (put)",
    "result": "waits for a future's result",
    "accept": "waits for a connection (accept)",
    "select": "waits for a socket (select)",
    "__enter__": "waits for a lock",
    "shutdown": "waits for a pool to shut down",
    "probe": HELD,
    "_ask": HELD,
}
_BY_CALL = {
    "futex": "waits for a lock",
    "accept": "waits for a connection (accept)",
    "accept4": "waits for a connection (accept)",
    "connect": "waits to be connected (connect)",
    "recvfrom": "waits for bytes from a socket (recv)",
    "recvmsg": "waits for bytes from a socket (recv)",
    "sendto": "waits for room to send (send)",
    "sendmsg": "waits for room to send (send)",
    "read": "waits for bytes (read)",
    "write": "waits for room to write (write)",
    "poll": "waits for a socket (poll)",
    "ppoll": "waits for a socket (poll)",
    "select": "waits for a socket (select)",
    "pselect6": "waits for a socket (select)",
    "epoll_wait": "waits for a socket (select)",
    "epoll_pwait": "waits for a socket (select)",
    "wait4": "waits for a process to end",
    "waitid": "waits for a process to end",
}
"""A lock of Python's own is taken without a function of Python's: the kernel alone sees that it is waited for."""


def waits_of(pid: int, stacks: Sequence[wire.ThreadStack], source: Source, stuck: bool) -> dict[int, str]:
    """What the threads that are in the submission's code wait for, by the number they know themselves by.

    Args:
        pid: of the student process.
        stacks: of its threads.
        source: the submission's.
        stuck: whether all of them wait for good, so that the kernel shows in which call.
    """
    view = kernel.look(pid) if stuck and kernel.can_look() else None
    calls = {own_number(pid, thread.tid): name_of(thread.call) for thread in view.threads} if view else {}
    found = {}
    for stack in stacks:
        told = source.describe(stack)
        if told is not None:
            by_stack = _BY_FUNCTION.get(told["waits_in"], "")
            found[stack.thread] = by_stack or _BY_CALL.get(calls.get(stack.thread, ""), "")
    return {number: words for number, words in found.items() if words}
