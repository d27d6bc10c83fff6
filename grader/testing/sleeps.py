"""For how long a thread in a timed wait will still sleep, read from the waiting process.

The system call carries a pointer to the moment at which the wait ends (futex(2), clock_nanosleep(2)); CPython's locks
and `time.sleep` use such absolute times. Where the moment cannot be told, nothing is claimed.
"""

from __future__ import annotations

import os
import platform
import struct
import time
from collections.abc import Sequence

_FUTEX, _CLOCK_NANOSLEEP = {"x86_64": (202, 230), "aarch64": (98, 115)}.get(platform.machine(), (-1, -1))
_FUTEX_COMMAND, _FUTEX_WAIT_BITSET, _FUTEX_CLOCK_REALTIME = 0x7F, 9, 256
_TIMER_ABSTIME = 1
_TIMESPEC = struct.Struct("qq")


def seconds_left(pid: int, number: int, args: Sequence[int]) -> float | None:
    """Seconds until a wait times out; None if that cannot be told.

    Args:
        pid: the process.
        number: of the system call that a thread of it waits in.
        args: of that call.
    """
    if number == _FUTEX and args[1] & _FUTEX_COMMAND == _FUTEX_WAIT_BITSET:
        clock = time.CLOCK_REALTIME if args[1] & _FUTEX_CLOCK_REALTIME else time.CLOCK_MONOTONIC
        pointer = args[3]
    elif number == _CLOCK_NANOSLEEP and args[1] & _TIMER_ABSTIME:
        clock, pointer = int(args[0]), args[2]
    else:
        return None
    try:
        memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
        try:
            seconds, nanoseconds = _TIMESPEC.unpack(os.pread(memory, _TIMESPEC.size, pointer))
        finally:
            os.close(memory)
        return float(seconds + nanoseconds / 1e9 - time.clock_gettime(clock))
    except (OSError, struct.error, OverflowError, ValueError):
        return None
