"""Control groups: the kernel's own bound on the memory and the number of all processes of a jail together.

Version 1 and 2, where a group below our own can be made: as root, or where a manager has delegated one (cgroups(7)).
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

_LAST_RESORT_SECONDS = 5.0
_SLACK_BYTES = 64 << 20
"""For the zygote and the files that a test may write."""
_SLACK_PROCESSES = 16


class Group:
    """The control groups of one jail: one folder where the kernel has version 2, one a controller in version 1."""

    def __init__(self, memory: int, processes: int, root: Path = Path("/")) -> None:
        """Makes what can be made; `holds` tells what that is.

        Args:
            memory: bytes that all processes together may use.
            processes: how many processes and threads there may be.
            root: where `/proc` and the mounts are looked for.
        """
        self.holds: frozenset[str] = frozenset()
        self._folders: dict[str, Path] = {}
        self._killed = 0
        name = f"threadlab-{uuid4().hex}"
        for controller, limits in (
            ("memory", _memory_limits(memory + _SLACK_BYTES)),
            ("pids", {"pids.max": processes + _SLACK_PROCESSES}),
        ):
            for parent in _own_groups(controller, root):
                if _make(parent / name, limits):
                    self._folders[controller] = parent / name
                    self.holds |= {controller}
                    break

    @property
    def entrances(self) -> list[str]:
        """The files into which a process writes 0 to enter."""
        return sorted({str(folder / "cgroup.procs") for folder in self._folders.values()})

    def ran_out(self) -> bool:
        """Whether the kernel has ended a process for want of memory since this was last asked."""
        folder = self._folders.get("memory")
        if folder is None:
            return False
        before, self._killed = self._killed, _kills(folder)
        return self._killed > before

    def close(self) -> None:
        """Removes the groups, as soon as the kernel has let the last process in them go."""
        end = time.monotonic() + _LAST_RESORT_SECONDS
        for folder in {*self._folders.values()}:
            while time.monotonic() < end:
                try:
                    folder.rmdir()
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.001)  # its processes have been killed, and are on their way out
                else:
                    break
        self._folders.clear()


def _memory_limits(count: int) -> dict[str, int]:
    """What is written where it exists, in this order: version 1 takes no limit with swap below that without."""
    return {
        "memory.limit_in_bytes": count,
        "memory.memsw.limit_in_bytes": count,
        "memory.max": count,
        "memory.swap.max": 0,
    }


def _make(folder: Path, limits: dict[str, int]) -> bool:
    """Makes a group with at least one of the limits; or leaves nothing."""
    try:
        folder.mkdir()
    except OSError:
        return False
    held = 0
    for name, value in limits.items():
        with contextlib.suppress(OSError):
            file = os.open(folder / name, os.O_WRONLY)
            try:
                held += os.write(file, str(value).encode()) > 0
            finally:
                os.close(file)
    if not held:
        with contextlib.suppress(OSError):
            folder.rmdir()
    return held > 0


def _kills(folder: Path) -> int:
    for name in ("memory.events", "memory.oom_control"):
        with contextlib.suppress(OSError, ValueError):
            for line in (folder / name).read_text().splitlines():
                if line.startswith("oom_kill "):
                    return int(line.split()[1])
    return 0


def _own_groups(controller: str, root: Path) -> Iterator[Path]:
    """The group that we are in, as a folder: that of the controller in version 1, and the one of version 2."""
    try:
        ours = [line.split(":", 2) for line in (root / "proc/self/cgroup").read_text().splitlines()]
        mounts = (root / "proc/self/mountinfo").read_text().splitlines()
    except OSError:
        return
    for _, controllers, path in ours:
        wanted = controller in controllers.split(",")
        if wanted or not controllers:
            yield from _below_mount(path, controller if wanted else "", mounts, root)


def _below_mount(path: str, controller: str, mounts: list[str], root: Path) -> Iterator[Path]:
    for line in mounts:
        head, _, tail = line.partition(" - ")
        kind, _, options = tail.split(" ", 2)
        mounted, point = head.split()[3:5]
        right = controller in options.split(",") if controller else kind == "cgroup2"
        if kind.startswith("cgroup") and right and Path(path).is_relative_to(mounted):
            yield root / point.lstrip("/") / os.path.relpath(path, mounted)
