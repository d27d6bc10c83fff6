"""Clears away what a test has left: its processes, and the files it wrote."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
from collections.abc import Iterator


def end_processes(pid: int, own_pids: bool) -> tuple[int | None, int]:
    """Kills and reaps all processes that a test has left; those without a parent must have come to us.

    Args:
        pid: the test's own process; 0: there is none.
        own_pids: whether all processes that we can see, ourselves apart, are such.

    Returns:
        the wait status of `pid`, and how many other processes had to be killed.
    """
    status, left = None, 0
    while True:
        _kill_all(pid, own_pids)
        try:
            gone, code = os.waitpid(-1, 0)
        except ChildProcessError:
            return status, left
        if gone == pid:
            status = code
        elif os.WIFSIGNALED(code) and os.WTERMSIG(code) == signal.SIGKILL:
            left += 1


def _kill_all(pid: int, own_pids: bool) -> None:
    if own_pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        return
    if pid:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    for child in _children_of(os.getpid()):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(child, signal.SIGKILL)


def _children_of(pid: int) -> list[int]:
    """All children, of every thread; orphans come to us because we are a subreaper."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                for child in file.read().split():
                    found += [int(child), *_children_of(int(child))]
    return found


def empty(folder: str) -> None:
    """Removes all that is in a folder, however deep and whatever its modes: what is inside comes to the top first."""
    with contextlib.suppress(OSError):
        os.chmod(folder, 0o700)
    numbers = itertools.count()
    while True:
        with os.scandir(folder) as entries:
            found = [(entry.path, entry.is_dir(follow_symlinks=False)) for entry in entries]
        if not found:
            return
        before = len(found)
        for path, is_folder in found:
            with contextlib.suppress(OSError):
                if is_folder:
                    _flatten(path, folder, numbers)
                    os.rmdir(path)
                else:
                    os.unlink(path)
                before -= 1
        if before == len(found):
            return  # nothing of it can be removed


def _flatten(path: str, top: str, numbers: Iterator[int]) -> None:
    os.chmod(path, 0o700)
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                os.chmod(entry.path, 0o700)  # or it cannot be moved
                os.rename(entry.path, f"{top}/{next(numbers)}-{os.getpid()}")
            else:
                os.unlink(entry.path)
