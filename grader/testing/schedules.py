"""The fixture `every_schedule`: an author's own code in the controlled world, within pytest's process.

For tests of code that one trusts; a submission is explored with the fixture `world`, in a process of its own.
"""

from __future__ import annotations

import functools
import importlib.util
import linecache
import sys
import sysconfig
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.student.world.active import active
from grader.student.world.exploring import Finding, explore, record
from grader.student.world.scheduler import Run
from grader.student.world.search import Budget
from grader.student.world.strategies import Replay, named
from grader.student.world.world import World
from grader.testing.story import tell

Scenario = Callable[[], Any]


class EverySchedule:
    """Runs scenarios under many schedules.

    A scenario is a function without arguments that makes objects, starts threads, and asserts in plain Python.
    For each schedule the modules it uses (the test file's own, and those that are neither of the standard library nor
    installed) are executed afresh over the world's `threading`, `queue`, `time`, `socket`, ...
    """

    def __init__(self, test_module: types.ModuleType) -> None:
        """Args: test_module: in which the scenarios are defined."""
        self._test_module = test_module

    def __call__(
        self,
        scenario: Scenario | None = None,
        *,
        schedules: int = 1_000,
        steps: int = 20_000,
        seed: int = 0,
        cores: int | None = None,
        replay: str = "",
    ) -> Any:
        """Explores a scenario; to be used as a decorator, with or without arguments.

        Args:
            scenario: see the class.
            schedules: how many are tried at most.
            steps: of one run at most; more is a program that goes on for ever.
            seed: of the random schedules.
            cores: of the virtual machine, for `work`; None: as many as it wants.
            replay: a schedule as a failure has shown it: only this one is run.

        Returns:
            the `Finding`: "complete" or "not found".

        Raises:
            ValueError: a budget below 1, or `replay` is no schedule.
            pytest.fail.Exception: a schedule was found under which the scenario fails; the message tells it as a story.
            pytest.skip.Exception: the scenario uses what the world does not model: there is no verdict.
        """
        if scenario is None:
            return functools.partial(self, schedules=schedules, steps=steps, seed=seed, cores=cores, replay=replay)
        if schedules < 1 or steps < 1 or (cores is not None and cores < 1):
            raise ValueError("schedules, steps and cores are numbers of at least 1")
        budget = Budget(1 if replay else schedules, steps, bounded=1 if replay else max(1, schedules * 3 // 10))
        world = World(_own_source)
        with world.opened():
            body = self._in_world(world, scenario)
            found = explore(world, body, budget, seed, cores, first=named(replay) if replay else None)
            if found.failed:
                found.story = tell(record(world, body, found.schedule, budget, cores), _line_of)
        return _judged(found)

    def speedup(self, scenario: Scenario, cores: int) -> float:
        """How many times as fast a scenario's `work` is done on a machine of `cores` cores as on one: exact.

        Raises:
            pytest.fail.Exception: the scenario fails.
            ValueError: it has done no work, or `cores` is below 1.
        """
        if cores < 1:
            raise ValueError("cores is a number of at least 1")
        world = World(_own_source)
        with world.opened():
            body = self._in_world(world, scenario)
            run = world.run(body, Replay(), 1_000_000, cores)
            found = explore(world, body, Budget(1, 1_000_000, 1), 0, cores)
        _judged(found)
        if run.began is None:
            raise ValueError("the scenario has done no work: call every_schedule.work(units) in it")
        return run.worked / (run.ended - run.began)

    @staticmethod
    def work(units: float) -> None:
        """Takes `units` of virtual time on one of the cores; to be called in a scenario."""
        if not isinstance(active.run, Run):
            raise RuntimeError("work() is for scenarios in the controlled world")
        active.run.compute(units)

    def _in_world(self, world: World, scenario: Scenario) -> Scenario:
        """The scenario with the globals of its module executed afresh."""
        if not isinstance(scenario, types.FunctionType):
            raise TypeError("a scenario is a plain function")
        name, path = self._test_module.__name__, Path(str(self._test_module.__file__))
        world.rebuild(name, path)
        code = world.points.watch(scenario.__code__)
        rewritten = {key: value for key, value in scenario.__globals__.items() if key.startswith("@")}

        def body() -> Any:
            module = world.module(name)
            vars(module).update(rewritten)  # what pytest's rewritten asserts refer to
            fresh = types.FunctionType(
                code, vars(module), scenario.__name__, scenario.__defaults__, scenario.__closure__
            )
            return fresh()

        return body


def _judged(found: Finding) -> Finding:
    if found.kind == "inconclusive":
        pytest.skip(f"no verdict: the controlled world does not model {found.message}")
    if found.failed:
        lines = [
            f"{found.kind}: {found.message}",
            f"found with schedule {found.schedules}; to see it again: every_schedule(replay={found.schedule!r})",
            *found.story,
        ]
        pytest.fail("\n".join(lines), pytrace=False)
    return found


def _line_of(file: str, line: int) -> str:
    return linecache.getline(file, line).strip()


@functools.cache
def _installed() -> tuple[Path, ...]:
    kinds = ("stdlib", "platstdlib", "purelib", "platlib")
    return tuple(Path(sysconfig.get_paths()[kind]).resolve() for kind in kinds)


@functools.cache
def _own_source(name: str) -> Path | None:
    """The source of a module that is neither installed nor the grader's or the standard library's."""
    if name.partition(".")[0] in (*sys.stdlib_module_names, "grader", "pytest", "_pytest"):
        return None
    loaded = sys.modules.get(name)
    try:
        found = importlib.util.find_spec(name) if loaded is None else None
        origin = getattr(loaded, "__file__", None) or getattr(found, "origin", None)
    except (ImportError, ValueError):
        return None
    if not origin or not origin.endswith(".py"):
        return None
    path = Path(origin).resolve()
    return None if any(path.is_relative_to(folder) for folder in _installed()) else path
