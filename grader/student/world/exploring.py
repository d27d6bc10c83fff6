"""Explores a scenario: runs it under many schedules until it fails, and tells how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from grader.student.world.recording import Recorded, recorder
from grader.student.world.scheduler import Run, Strategy
from grader.student.world.search import Budget, Search, shrink
from grader.student.world.strategies import Replay, Switches, named, written
from grader.student.world.world import World

FAULTS = ("property", "deadlock", "livelock", "left behind", "exception")


@dataclass
class Finding:
    """What came out of exploring a scenario."""

    kind: str
    """A fault: "property" (an assertion of the scenario failed), "exception", "deadlock", "livelock", "left behind";
    or "complete" (every schedule within the bound was seen), "not found" (none failed within the budget),
    "inconclusive" (the program uses what the world does not model)."""
    message: str = ""
    schedules: int = 0
    steps: int = 0
    schedule: str = ""
    """The shortest failing schedule, to be replayed."""
    story: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether a fault was found."""
        return self.kind in FAULTS


def fault_of(run: Run) -> tuple[str, str]:
    """What went wrong in a run: its kind and a message; ("", "") if nothing did."""
    if run.ending == "not modelled":
        return "inconclusive", run.problem
    for task, error in run.errors:
        kind = "property" if isinstance(error, AssertionError) else "exception"
        return kind, f"{task.name}: {type(error).__name__}: {error}" if str(
            error
        ) else f"{task.name}: {type(error).__name__}"
    if run.ending in ("deadlock", "left behind", "livelock"):
        return run.ending, "; ".join(f"{task.name} {_waits(kind, of)}" for task, kind, of in run.stuck)
    return "", ""


def _waits(kind: str, of: Any) -> str:
    if not kind:
        return "goes on and on"
    return f"waits in {kind}" + ("" if of is None else f" of {of!r}")


def explore(
    world: World,
    body: Callable[[], Any],
    budget: Budget | None = None,
    seed: int = 0,
    cores: int | None = None,
    first: Strategy | None = None,
) -> Finding:
    """Runs `body` in an open world until a fault is found or the budget is used up.

    Args:
        world: opened.
        body: the scenario; asserts in plain Python.
        budget: schedules and steps.
        seed: of the random schedules.
        cores: of the virtual machine.
        first: the schedule to begin with, instead of the default one.
    """
    limits = budget or Budget()
    search = Search(limits, seed)
    found = Finding("not found")
    for strategy in search:
        strategy, first = first or strategy, None
        run = world.run(body, strategy, limits.steps, cores, search.kind)
        found.schedules += 1
        found.steps += run.steps
        kind, message = fault_of(run)
        if kind:
            found.kind, found.message = kind, message
            if kind != "inconclusive":
                _shorten(world, body, limits, cores, run, found)
            return found
        search.learn(run)
    if search.complete:
        found.kind = "complete"
    return found


def _shorten(
    world: World, body: Callable[[], Any], limits: Budget, cores: int | None, run: Run, found: Finding
) -> None:
    def fails(switches: Switches) -> bool:
        again = world.run(body, Replay(switches), limits.steps, cores)
        return fault_of(again)[0] == found.kind

    switches = tuple(run.switches)
    found.schedule = run.strategy.name
    if found.kind != "livelock" and fails(switches):
        switches = shrink(switches, fails, limits.shrink)
        found.message = fault_of(world.run(body, Replay(switches), limits.steps, cores))[1]
        found.schedule = written(switches)


def record(
    world: World, body: Callable[[], Any], schedule: str, budget: Budget, cores: int | None = None
) -> dict[str, Any]:
    """The story of one schedule, as data; see `recording`.

    Raises:
        ValueError: there is no such schedule.
    """
    run = world.run(body, named(schedule), budget.steps, cores, recorder(world.points))
    return run.story if isinstance(run, Recorded) else {}
