"""Compiles the submission's module once for all its tests, in a process that executes none of it."""

from __future__ import annotations

import contextlib
import marshal
import os
import resource
import warnings
from typing import NoReturn

_MOST_SOURCE, _MOST_CODE = 1 << 18, 1 << 23
_CPU_SECONDS, _MEMORY = 1, 1 << 27
"""For what compiles in a moment, in bytes beside those in use; all else is left to the test, where it is judged."""


class Compiled:
    """The bytecode of modules, by path."""

    def __init__(self) -> None:
        self._made: dict[str, bytes] = {}

    def of(self, path: str) -> bytes:
        """The marshalled code of the module at `path`; empty if it does not compile at once and without a warning."""
        if path not in self._made:
            self._made[path] = _compiled_apart(path) if path.endswith(".py") else b""
        return self._made[path]

    def made(self, path: str) -> bytes:
        """As `of`, where that has been asked before; else empty."""
        return self._made.get(path, b"")


def _compiled_apart(path: str) -> bytes:
    """As `Compiled.of`. The compiler reads what a student wrote: whatever becomes of it, the zygote is not hurt."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _compile(path, writing)
    os.close(writing)
    with open(reading, "rb") as pipe:
        code = pipe.read(_MOST_CODE)
    _, status = os.waitpid(pid, 0)
    return code if status == 0 else b""


def _compile(path: str, writing: int) -> NoReturn:
    status = 1
    try:
        _limit()
        with open(path, "rb") as file:
            source = file.read(_MOST_SOURCE + 1)
        if len(source) <= _MOST_SOURCE:
            warnings.simplefilter("error", SyntaxWarning)  # to be printed in each test, where it is seen
            code = marshal.dumps(compile(source, path, "exec", dont_inherit=True))
            with contextlib.suppress(BrokenPipeError), open(writing, "wb") as pipe:
                pipe.write(code)
            status = 0 if len(code) < _MOST_CODE else 1
    except BaseException:  # whatever it is, it comes again where it is judged
        status = 1
    finally:
        os._exit(status)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    with contextlib.suppress(FileNotFoundError), open("/proc/self/statm") as file:  # elsewhere than on Linux
        most = int(file.read().split()[0]) * resource.getpagesize() + _MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
