"""Processes in a jail and around it, as the kernel shows them to the trusted side."""

from __future__ import annotations

import contextlib
import os


def first_child(pid: int) -> int | None:
    """The first process that the main thread of `pid` has started; None: there is none."""
    children = _children(pid)
    return int(children[0]) if children else None


def number_outside(parent: int, inner: int) -> int:
    """The number, for us, of a child of `parent` that has the number `inner` in its own namespace; 0: it is gone."""
    for child in _children(parent):
        for line in _read(f"/proc/{child}/status").splitlines():
            if line.startswith("NSpid:") and int(line.split()[-1]) == inner:
                return int(child)
    return 0


def ourselves_and_above() -> list[int]:
    """This process and those that it comes from."""
    found, pid = [os.getpid()], os.getppid()
    while pid > 1 and len(found) < 30:
        found.append(pid)
        fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
        pid = int(fields[1]) if len(fields) > 1 else 0
    return found


def choose_victim(pid: int, score: int) -> None:
    """Whom the kernel ends first when memory runs out (proc_pid_oom_score_adj(5)): the student's, not the zygote."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/oom_score_adj", "w") as file:
        file.write(str(score))


def _children(pid: int) -> list[str]:
    return _read(f"/proc/{pid}/task/{pid}/children").split()


def _read(path: str) -> str:
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""
