"""Which wait a thread is in, by the system call that the kernel shows it in: one that a time may end, or not."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from typing import Literal

Wait = Literal["running", "untimed", "timed", "unknown"]

_MACHINE = platform.machine()

# number -> (name, index of the argument that carries the time-out, the values that mean "none")
_POINTER, _MILLISECONDS = (0,), (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
_TIMED_BY: dict[str, dict[int, tuple[str, int, tuple[int, ...]]]] = {
    "x86_64": {
        202: ("futex", 3, _POINTER),
        449: ("futex_waitv", 3, _POINTER),
        7: ("poll", 2, _MILLISECONDS),
        271: ("ppoll", 2, _POINTER),
        23: ("select", 4, _POINTER),
        270: ("pselect6", 4, _POINTER),
        232: ("epoll_wait", 3, _MILLISECONDS),
        281: ("epoll_pwait", 3, _MILLISECONDS),
        128: ("rt_sigtimedwait", 2, _POINTER),
        299: ("recvmmsg", 4, _POINTER),
    },
    "aarch64": {
        98: ("futex", 3, _POINTER),
        449: ("futex_waitv", 3, _POINTER),
        73: ("ppoll", 2, _POINTER),
        72: ("pselect6", 4, _POINTER),
        22: ("epoll_pwait", 3, _MILLISECONDS),
        137: ("rt_sigtimedwait", 2, _POINTER),
        243: ("recvmmsg", 4, _POINTER),
    },
}
_UNTIMED: dict[str, dict[int, str]] = {
    "x86_64": {
        0: "read", 1: "write", 17: "pread64", 18: "pwrite64", 19: "readv", 20: "writev",
        34: "pause", 42: "connect", 43: "accept", 44: "sendto", 45: "recvfrom", 46: "sendmsg",
        47: "recvmsg", 61: "wait4", 72: "fcntl", 73: "flock", 130: "rt_sigsuspend",
        247: "waitid", 288: "accept4", 40: "sendfile", 275: "splice",
    },
    "aarch64": {
        63: "read", 64: "write", 67: "pread64", 68: "pwrite64", 65: "readv", 66: "writev",
        203: "connect", 202: "accept", 206: "sendto", 207: "recvfrom", 211: "sendmsg",
        212: "recvmsg", 260: "wait4", 25: "fcntl", 32: "flock", 133: "rt_sigsuspend",
        95: "waitid", 242: "accept4", 71: "sendfile", 76: "splice",
    },
}  # fmt: skip

_VFORK = {"x86_64": 58}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE_VFORK = 0x4000  # Linux include/uapi/linux/sched.h


def are_known() -> bool:
    """Whether this processor's system calls are listed here."""
    return _MACHINE in _TIMED_BY


def name_of(call: str) -> str:
    """The system call's name, where it is one that waits; else empty. `call` as for `wait_of`."""
    number = call.partition(" ")[0]
    if not (number.isdecimal() and are_known()):
        return ""
    timed = _TIMED_BY[_MACHINE].get(int(number))
    return timed[0] if timed else _UNTIMED[_MACHINE].get(int(number), "")


def wait_of(call: str, state: str) -> Wait:
    """The wait of a thread, on a processor whose system calls are listed here.

    Args:
        call: as proc_pid_syscall(5) shows it; empty: hidden.
        state: one letter, as proc_pid_stat(5) shows it.
    """
    if state in "Tt":
        return "untimed"  # stopped by a signal
    if call == "running" or state == "R":
        return "running"
    fields = call.split()
    if state not in "SD" or len(fields) < 7:
        return "unknown"
    number, args = int(fields[0]), [int(field, 16) for field in fields[1:7]]
    if state == "D":
        return "untimed" if _awaits_child(number, args) else "unknown"
    if number in _UNTIMED[_MACHINE]:
        return "untimed"
    timed = _TIMED_BY[_MACHINE].get(number)
    if timed is None:
        return "timed"
    _, index, forever = timed
    return "untimed" if args[index] in forever else "timed"


def _awaits_child(number: int, args: Sequence[int]) -> bool:
    """Whether it waits until a child that has borrowed its memory is another program or gone (vfork(2))."""
    cloned = number == _CLONE[_MACHINE] and bool(args[0] & _CLONE_VFORK)
    return cloned or number == _VFORK.get(_MACHINE)
