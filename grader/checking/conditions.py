"""Under which conditions a round of gradings runs: busy loops beside it, and on which CPUs."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

_LOOP = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    for _ in range(1_000_000): pass"


@dataclass(frozen=True)
class Conditions:
    """What one round runs under."""

    load: int = 0
    """Busy loops, each of which would take a CPU of its own."""
    one_cpu: bool = False
    """Whether all of it has to share one CPU."""

    def __str__(self) -> str:
        told = [f"{self.load} busy loops" if self.load else "", "one CPU" if self.one_cpu else ""]
        return " and ".join(filter(None, told)) or "nothing else"

    @property
    def cpus(self) -> set[int] | None:
        """The CPUs to run on; None: any."""
        return {min(os.sched_getaffinity(0))} if self.one_cpu and hasattr(os, "sched_getaffinity") else None


def rounds(repeat: int, load: int) -> list[Conditions]:
    """The conditions of each round: the first as the machine is, the others in turn with load, and on one CPU, too.

    A single round is run under the load.
    """
    if repeat == 1:
        return [Conditions(load)]
    return [Conditions(), *(Conditions(load, one_cpu=number % 2 == 0) for number in range(1, repeat))]


@contextlib.contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """Runs `count` busy loops for the length of the block; they also end with this process."""
    command = [sys.executable, "-S", "-c", _LOOP]
    # Ctrl-C in a terminal reaches them, too: what they would say of it is of no use to anybody.
    running = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(count)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()
