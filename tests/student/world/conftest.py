"""Runs a source text in the controlled world, and on the real modules beside it."""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from grader.student.world.active import active
from grader.student.world.exploring import Finding, explore, fault_of
from grader.student.world.scheduler import Run, Strategy
from grader.student.world.search import Budget
from grader.student.world.strategies import named
from grader.student.world.world import World

_ARGUMENTS = re.compile(
    r"\barguments?\b.*\b(given|required|missing)|(missing|unexpected).* argument|expected at (least|most) \d+ argument"
)
"""What an exception says of too many or too few: built-in functions say it in other words."""


class Values(list[Any]):
    """What a program has shown, and on which line."""

    def __init__(self, values: Iterable[Any] = ()) -> None:
        super().__init__(values)
        self.lines: list[int] = []

    def see(self, value: Any) -> None:
        """Notes a value, or what comes out of calling a lambda of no arguments; a program calls it."""
        line = sys._getframe(1).f_lineno
        if isinstance(value, types.FunctionType) and value.__name__ == "<lambda>":
            try:
                value = value()
            except Exception as error:
                told = "arguments" if _ARGUMENTS.search(str(error)) else str(error).replace("_thread._local", "local")
                told = re.sub(r"\b0x[0-9a-f]+", "0x", told)
                value = f"{type(error).__qualname__}: {told}"
        self.append(value)
        self.lines.append(line)

    def differ(self, other: Values, source: str) -> str:
        """Where the other one shows something else."""
        lines = dedent(source).splitlines()
        return "\n".join(
            f"{lines[line - 1].strip()}\n  here {here!r}\n  real {there!r}"
            for line, here, there in zip(self.lines, self, other, strict=False)
            if here != there
        )


@dataclass
class Seen:
    """One run, and what the program has shown in it."""

    run: Run
    values: Values = field(default_factory=Values)

    @property
    def fault(self) -> tuple[str, str]:
        """Its kind and message; two empty ones if nothing went wrong."""
        return fault_of(self.run)

    @property
    def account(self) -> tuple[Any, ...]:
        """All that two runs of one schedule must have in common."""
        run = self.run
        return run.ending, run.steps, tuple(run.switches), run.now, self.fault, repr(self.values)


class Programs:
    """Runs source texts. Each defines `scenario()`; `see(value)` notes a value, `work(units)` takes time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def opened(self, source: str, files: Mapping[str, str]) -> Iterator[tuple[World, Callable[[], Any], Values]]:
        """A world with this program and the files beside it, its body, and what it will have shown."""
        values = Values()
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        world = World(self._own)
        world.rebuild("program", self.folder / "program.py", dedent(source))
        world.library.builtins["see"] = values.see
        world.library.builtins["work"] = lambda units, on_core=True: active.run.compute(units, on_core)
        with world.opened():
            yield world, lambda: world.module("program").scenario(), values

    def _own(self, name: str) -> Path | None:
        path = self.folder / name.replace(".", "/")
        found = [each for each in (path.with_suffix(".py"), path / "__init__.py") if each.is_file()]
        return found[0] if found else None

    def explore(
        self,
        source: str,
        schedules: int = 300,
        *,
        steps: int = 5_000,
        bounded: int | None = None,
        seed: int = 0,
        cores: int | None = None,
        files: Mapping[str, str] | None = None,
    ) -> Finding:
        """Explores the program."""
        budget = Budget(schedules, steps, schedules if bounded is None else bounded, shrink=50)
        with self.opened(source, files or {}) as (world, body, _):
            return explore(world, body, budget, seed, cores)

    def run(
        self,
        source: str,
        schedule: str | Strategy = "-",
        *,
        steps: int = 20_000,
        cores: int | None = None,
        files: Mapping[str, str] | None = None,
    ) -> Seen:
        """Runs the program once."""
        with self.opened(source, files or {}) as (world, body, values):
            strategy = named(schedule) if isinstance(schedule, str) else schedule
            return Seen(world.run(body, strategy, steps, cores), values)

    def each(self, sources: Iterable[str], schedule: str = "-", steps: int = 20_000) -> list[Seen]:
        """Runs several programs once each, in one world."""
        found = []
        with self.opened("", {}) as (world, _, values):
            for number, source in enumerate(sources):
                name = f"program_{number}"
                world.rebuild(name, self.folder / f"{name}.py", dedent(source))
                values.clear()
                run = world.run(lambda name=name: world.module(name).scenario(), named(schedule), steps)
                found.append(Seen(run, Values(values)))
        return found

    def under(self, source: str, schedules: Iterable[str], steps: int = 20_000) -> list[Seen]:
        """Runs one program once under each schedule, in one world."""
        found = []
        with self.opened(source, {}) as (world, body, values):
            for schedule in schedules:
                values.clear()
                run = world.run(body, named(schedule), steps)
                found.append(Seen(run, Values(values)))
        return found

    def values(self, source: str, **options: Any) -> Values:
        """What the program shows in a run that ends well."""
        seen = self.run(source, **options)
        assert seen.fault == ("", ""), (seen.fault, seen.values)
        return seen.values

    def real(self, source: str) -> Values:
        """What the program shows on the real modules."""
        values = Values()
        module = types.ModuleType("program")
        module.__dict__["see"] = values.see
        sys.modules["program"] = module
        try:
            exec(compile(dedent(source), "program.py", "exec", dont_inherit=True), module.__dict__)
            module.scenario()
        finally:
            del sys.modules["program"]
        return values

    def same(self, source: str) -> Values:
        """What the program shows in the world, which is the same as on the real modules."""
        here, there = self.values(source), self.real(source)
        differ = here.differ(there, source)
        assert not differ, differ
        assert len(here) == len(there) > 0, "one shows more than the other"
        return here


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    """Runs source texts in the world: `programs.explore(source)`, `.run(source)`, `.same(source)`."""
    return Programs(tmp_path)
