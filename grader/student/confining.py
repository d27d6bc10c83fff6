"""What the zygote puts on itself, and so on all that it forks, before it does anything else."""

from __future__ import annotations

import base64
import contextlib
import ctypes
import os
import platform
import resource
import sys
from typing import ClassVar

PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4
_PR_SET_NO_NEW_PRIVS, _PR_SET_CHILD_SUBREAPER = 38, 36
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SET_MODE_FILTER, _NEW_LISTENER = 1, 8  # Linux include/uapi/linux/seccomp.h


def prctl(option: int, value: int) -> None:
    """Sets an attribute of this process, where there is Linux. Args: option, value: of the call of that name."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def confine(processes: int | None) -> None:
    """Gives up privileges, and has orphans of what we fork come to us.

    Args:
        processes: how many our user may have; None: the kernel is not told.
    """
    prctl(_PR_SET_NO_NEW_PRIVS, 1)
    prctl(_PR_SET_CHILD_SUBREAPER, 1)
    prctl(PR_SET_DUMPABLE, 0)  # the student's code must not trace or read us
    if processes is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
        most = processes if hard == resource.RLIM_INFINITY else min(processes, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


def limit_cpu(seconds: int | None) -> None:
    """Bounds the CPU time of a test's process: the zygote's own, which forks thousands of them, has no such bound.

    Args:
        seconds: how much it may use; None: the kernel is not told.
    """
    if seconds is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        most = seconds if hard == resource.RLIM_INFINITY else min(seconds, hard)
        resource.setrlimit(resource.RLIMIT_CPU, (most, most))


class _Program(ctypes.Structure):
    """`struct sock_fprog` of seccomp(2)."""

    _fields_: ClassVar = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]


def install_filter(programs: list[str]) -> tuple[str, list[int]]:
    """Puts a filter on our system calls and those of all that we fork.

    Args:
        programs: the one that reports, and the one that only refuses, in base 64.

    Returns:
        "reported", "silent" or why there is none; and the descriptor on which it reports.
    """
    number = _SECCOMP.get(platform.machine())
    if not programs or number is None:
        return "no filter for this system", []
    libc = ctypes.CDLL(None, use_errno=True)
    for outcome, flags, text in zip(("reported", "silent"), (_NEW_LISTENER, 0), programs, strict=True):
        code = base64.b64decode(text)
        program = _Program(len(code) // 8, code)
        result = libc.syscall(number, _SET_MODE_FILTER, flags, ctypes.byref(program))
        if result >= 0:
            return outcome, [result] if flags else []
    return os.strerror(ctypes.get_errno()), []
