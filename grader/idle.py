"""What of this machine is to spare: whether one more process that mostly waits costs nobody anything."""

from __future__ import annotations

import os
from pathlib import Path

SPARE = 0.75
"""So much of a CPU must be idle for one more process: it needs one to start."""


class IdleCPUs:
    """How idle the CPUs that are ours have been of late; see proc_stat(5)."""

    def __init__(self) -> None:
        """Looks for the first time."""
        self._then = _ticks()

    def idle(self) -> float:
        """How many CPUs' worth of time nobody has used since this was last asked; 0 where it cannot be told."""
        now, then = _ticks(), self._then
        self._then = now
        passed = {cpu: (now[cpu][0] - idle, now[cpu][1] - total) for cpu, (idle, total) in then.items() if cpu in now}
        return sum(idle / total for idle, total in passed.values() if total)


def _ticks() -> dict[str, tuple[int, int]]:
    """By CPU of ours: ticks in which it was idle, and all."""
    try:
        lines = Path("/proc/stat").read_text().splitlines()
    except OSError:
        return {}
    rows = {fields[0]: list(map(int, fields[1:])) for fields in map(str.split, lines) if fields[0].startswith("cpu")}
    return {f"cpu{n}": (sum(rows[f"cpu{n}"][3:5]), sum(rows[f"cpu{n}"])) for n in our_cpus() if f"cpu{n}" in rows}


def our_cpus() -> list[int]:
    """The CPUs on which we may run."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


def free_memory() -> int:
    """Bytes of memory that could be had without anybody's missing them; see proc_meminfo(5). 0 where it is not told."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:")), 0)
