"""Modules that take the place of real ones which reach out of the world: files, the system, real time, real imports."""

from __future__ import annotations

import atexit
import builtins
import datetime
import importlib
import io
import os
import random
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from grader.student.world import clock, descriptors, event_counters
from grader.student.world.active import active, not_modelled, refuse
from grader.student.world.refused import Refused, refusal

CORES = 4
"""How many cores a program is told of on a machine that has as many as it wants."""

REFUSED_IN_OS = frozenset({
    "_exit", "abort", "chdir", "chmod", "chown", "closerange", "copy_file_range", "dup", "dup2",
    "execl", "execle", "execlp", "execlpe", "execv", "execve", "execvp", "execvpe", "fchdir", "fdopen", "fork",
    "forkpty", "fsync", "ftruncate", "kill", "killpg", "lchown", "link", "lockf", "login_tty",
    "lseek", "makedirs", "memfd_create", "mkdir", "mkfifo", "mknod", "open", "openpty", "pidfd_open",
    "popen", "posix_openpt", "posix_spawn", "posix_spawnp", "pread", "preadv", "pwrite", "pwritev",
    "readv", "remove", "removedirs", "rename", "renames", "replace", "rmdir", "sched_setaffinity",
    "sched_setscheduler", "sendfile", "setns", "spawnl", "spawnle", "spawnlp", "spawnlpe", "spawnv",
    "spawnve", "spawnvp", "spawnvpe", "splice", "symlink", "system", "timerfd_create", "truncate", "unlink",
    "unshare", "utime", "wait", "wait3", "wait4", "waitid", "waitpid", "writev",
})  # fmt: skip

ON_DESCRIPTORS = {
    **dict.fromkeys(("close", "get_blocking", "pipe", "pipe2", "read", "set_blocking", "write"), descriptors),
    **dict.fromkeys(("eventfd", "eventfd_read", "eventfd_write"), event_counters),
}
"""What `os` has in the world for pipes, event counters and sockets, and where it is; for nothing else."""


def os_module() -> types.ModuleType:
    """A module to stand in for `os`: without what reaches out of the process."""
    module = types.ModuleType("os", os.__doc__)
    module.__dict__.update({name: value for name, value in vars(os).items() if name not in REFUSED_IN_OS})
    del module.__dict__["register_at_fork"]
    module.__dict__["__all__"] = [name for name in os.__all__ if name in module.__dict__]
    module.__dict__.update(
        cpu_count=_cores, process_cpu_count=_cores, sched_getaffinity=lambda _: set(range(_cores())),
        sched_yield=lambda: clock.sleep(0), urandom=random.randbytes,
    )  # fmt: skip
    module.__dict__.update({name: getattr(here, name) for name, here in ON_DESCRIPTORS.items() if hasattr(os, name)})
    if not hasattr(os, "process_cpu_count"):
        del module.__dict__["process_cpu_count"]

    def missing(name: str) -> Any:
        # Modules of the standard library ask for these names when they are executed, and do without.
        if active.run is active.setup or name == "register_at_fork":
            raise AttributeError(f"module 'os' has no attribute {name!r}")
        raise refuse(module, os, name)

    module.__dict__["__getattr__"] = missing
    return module


def _cores() -> int:
    return int(getattr(active.run, "cores", None) or CORES)


def sys_module(find: Callable[[str], types.ModuleType | None] = lambda _: None) -> types.ModuleType:
    """A module to stand in for `sys`: nobody has everything traced, or gets at real modules."""
    module = types.ModuleType("sys", sys.__doc__)
    module.__dict__.update(vars(sys))
    for name in ("settrace", "setprofile", "_current_frames", "_current_exceptions"):
        module.__dict__[name] = refusal(f"sys.{name}")
    module.__dict__["setswitchinterval"] = lambda _: None
    module.__dict__["modules"] = Loaded(find)
    if hasattr(sys, "monitoring"):
        module.__dict__["monitoring"] = Refused("sys.monitoring")  # by which we see where a program is
    return module


class Loaded(dict[str, types.ModuleType]):
    """`sys.modules`, with the world's modules in it."""

    def __init__(self, find: Callable[[str], types.ModuleType | None]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, name: str) -> types.ModuleType:
        real = sys.modules[name]
        return self._find(name) or real

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        return name in sys.modules

    def __iter__(self) -> Iterator[str]:
        return iter(list(sys.modules))

    def __len__(self) -> int:
        return len(sys.modules)

    def keys(self) -> Any:
        return list(sys.modules)

    def values(self) -> Any:
        return [self[name] for name in self]

    def items(self) -> Any:
        return [(name, self[name]) for name in self]


def builtins_module(names: dict[str, Any]) -> types.ModuleType:
    """A module to stand in for `builtins`."""
    module = types.ModuleType("builtins", builtins.__doc__)
    module.__dict__.update(names)
    return module


def importlib_module(import_module: Callable[..., Any]) -> types.ModuleType:
    """A module to stand in for `importlib`."""
    module = types.ModuleType("importlib", importlib.__doc__)
    module.__dict__.update(vars(importlib))

    def by_name(name: str, package: str | None = None) -> Any:
        """As `importlib.import_module`."""
        if name.startswith("."):
            name = importlib.util.resolve_name(name, package or "")
        return import_module(name, None, None, ("*",))

    module.__dict__.update(import_module=by_name, __import__=import_module, reload=refusal("importlib.reload"))
    return module


def atexit_module() -> types.ModuleType:
    """A module to stand in for `atexit`: when a run is over, it is too late to do anything."""
    module = types.ModuleType("atexit", atexit.__doc__)
    module.__dict__.update(register=lambda function, *_, **__: function, unregister=lambda _: None)
    return module


def io_module() -> types.ModuleType:
    """A module to stand in for `io`: files can be read, but not written."""
    module = types.ModuleType("io", io.__doc__)
    module.__dict__.update(vars(io))
    module.__dict__.update(open=open_file, FileIO=refusal("io.FileIO"), open_code=refusal("io.open_code"))
    return module


def open_file(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
    """`open`: only to read a file, which leaves everything as it is, or to write to nowhere."""
    if isinstance(file, int):
        raise not_modelled("a real file descriptor")
    if isinstance(mode, str) and not set(mode) <= set("rbtU") and file != os.devnull:
        raise not_modelled("a file that is written")
    return open(file, mode, *args, **kwargs)


class _Moment(datetime.datetime):
    """`datetime.datetime`."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> _Moment:
        """As late as it is in the world."""
        return cls.fromtimestamp(clock.time_now(), tz)

    @classmethod
    def utcnow(cls) -> _Moment:
        """The same, without a time zone."""
        return cls.fromtimestamp(clock.time_now(), datetime.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> _Moment:
        """The same."""
        return cls.now()


_Moment.__name__ = _Moment.__qualname__ = "datetime"
_Moment.__module__ = "datetime"


def datetime_module() -> types.ModuleType:
    """A module to stand in for `datetime`: it is as late as `time.time()` says."""
    module = types.ModuleType("datetime", datetime.__doc__)
    module.__dict__.update(vars(datetime))
    module.__dict__["datetime"] = _Moment
    return module
