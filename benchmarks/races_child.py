"""One process of `races.py`: explores programs in the controlled world, and prints what came out as one JSON object.

    python benchmarks/races_child.py JOB

JOB is the JSON of a `Job`. It needs nothing but the standard library and the project's folder in PYTHONPATH, so that
any Python may run it.
"""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from grader.student.world.exploring import explore
from grader.student.world.search import Budget
from grader.student.world.world import World


@dataclasses.dataclass(frozen=True)
class Job:
    """What to explore."""

    files: list[tuple[str, int, int]]
    """Each with the number of seeds (0, 1, ...), and of schedules for each seed."""
    cpus: list[int] | None = None
    """On which this process may run; None: wherever it likes."""
    spread: bool = False
    """The world does not put itself on one CPU."""


def explored(path: Path, seed: int, schedules: int, spread: bool) -> dict[str, Any]:
    """All of the Finding, and the seconds that it took: by the clock, and of a CPU."""
    world = World()
    world.rebuild("program", path)
    cpus = os.sched_getaffinity(0)
    with world.opened():
        if spread:
            os.sched_setaffinity(0, cpus)
        begun, used = time.perf_counter(), time.process_time()
        found = explore(world, lambda: world.module("program").scenario(), Budget(schedules=schedules), seed)
        seconds, cpu = time.perf_counter() - begun, time.process_time() - used
    return {"finding": dataclasses.asdict(found), "seconds": seconds, "cpu": cpu}


def main() -> None:
    """Does the job."""
    job = Job(**json.loads(sys.argv[1]))
    if job.cpus is not None:
        os.sched_setaffinity(0, job.cpus)
    locked = getattr(sys, "_is_gil_enabled", lambda: True)()
    answers = [
        [explored(Path(file), seed, schedules, job.spread) for seed in range(seeds)]
        for file, seeds, schedules in job.files
    ]
    python = platform.python_version() + ("" if locked else " free-threaded")
    print(json.dumps({"answers": answers, "python": python}))


if __name__ == "__main__":
    main()
