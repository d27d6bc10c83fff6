"""Virtual time, as `time` has it. It moves only when nobody can run; see `Run`."""

from __future__ import annotations

import time
import types
from collections.abc import Callable
from typing import Any

from grader.student.world.active import active
from grader.student.world.refused import refusal
from grader.student.world.scheduler import Run
from grader.student.world.waitable import check_wait

EPOCH = 1_700_000_000
"""What `time.time()` starts from, in seconds."""

_READ = {"time": EPOCH, "monotonic": 1_000, "perf_counter": 1_000, "process_time": 0, "thread_time": 0}


def sleep(seconds: float) -> None:
    """`time.sleep`: in virtual time."""
    if isinstance(seconds, int | float) and seconds < 0:
        raise ValueError("sleep length must be non-negative")
    check_wait(True, seconds)
    run = active.run
    if seconds == 0:
        run.give_way()
    else:
        run.wait(_never, "sleep", None, seconds)


def _never() -> bool:
    return False


def _seconds() -> float:
    run = active.run
    run.point()
    return run.read_clock() if isinstance(run, Run) else 0.0


def _reader(start: int) -> Callable[[], float]:
    return lambda: start + _seconds()


def _reader_of_nanoseconds(start: int) -> Callable[[], int]:
    return lambda: start * 1_000_000_000 + round(_seconds() * 1e9)


monotonic = _reader(_READ["monotonic"])
"""`time.monotonic`."""

time_now = _reader(EPOCH)
"""`time.time`."""

_OF_NOW = ("localtime", "gmtime", "ctime")
"""Functions that take the time it is, if they are not told another one."""


def time_module() -> types.ModuleType:
    """A module to stand in for `time`."""
    module = types.ModuleType("time", time.__doc__)
    module.__dict__.update(vars(time))
    module.__dict__["sleep"] = sleep
    for name, start in _READ.items():
        module.__dict__[name] = _reader(start)
        module.__dict__[f"{name}_ns"] = _reader_of_nanoseconds(start)
    for name in _OF_NOW:
        module.__dict__[name] = _of_now(getattr(time, name))
    module.__dict__["asctime"] = lambda at=None: time.asctime(time.localtime(time_now()) if at is None else at)
    module.__dict__["strftime"] = lambda form, at=None: time.strftime(
        form, time.localtime(time_now()) if at is None else at
    )
    for name in ("clock_gettime", "clock_gettime_ns", "clock_settime", "clock_settime_ns", "pthread_getcpuclockid"):
        module.__dict__[name] = refusal(f"time.{name}")
    return module


def _of_now(real: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda seconds=None: real(time_now() if seconds is None else seconds)
