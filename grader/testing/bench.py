"""A bench: one submission in its jail, ready to have tests run on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.jail.cell import Cell
from grader.testing.outcomes import RuleBroken
from grader.testing.quiet import LoopbackFlush
from grader.testing.student import Student
from grader.testing.watch import Limits, shorter, shortest

_MINUTES = ("endless", "no verdict")
"""What a test is given up for only after minutes, having used up all that a whole test may take."""


@dataclass
class Bench:
    """What the tests of one exercise need of one submission."""

    cell: Cell
    flush: LoopbackFlush
    file: Path
    """The submission's file, in the copy that the cell shows to the student process."""
    top: Path
    """The folder that the cell shows as its submission."""
    defines: dict[str, str]
    limits: Limits = field(default_factory=Limits)
    rules: dict[str, str] = field(default_factory=dict)
    stories: bool = True
    """Whether the shortest schedule is looked for, where one fails."""
    arcs: set[tuple[int, int]] | None = None
    """Takes the lines that are executed, each with the one before it; None: they are not noted."""
    illustrated: bool = False
    """Whether to gather what only pictures need, too."""
    schedule: str = ""
    """The only schedule to run under; empty: many."""
    given_up: str = ""
    """What the last test of those that were given up was given up for."""
    _failure: RuleBroken | None = None

    @contextmanager
    def student(self) -> Iterator[Student]:
        """A fresh student process with the module loaded; ended at the end of the block.

        A module that cannot be loaded is not tried again: what kept it fails every test.

        Raises:
            RuleBroken: the module cannot be executed or lacks a name.
            JailError: the jail failed.
        """
        if self._failure is not None:
            raise RuleBroken(self._failure.reason, self._failure.evidence)
        inner = f"{self.cell.submission}/{self.file.relative_to(self.top)}"
        student = Student(self.cell, self.file, inner, self.limits, self.flush)
        try:
            self._load(student)
            yield student
        finally:
            self.given_up = student.given_up or self.given_up
            if student.given_up in _MINUTES:  # dozens of tests must not each take them
                self.limits = shorter(self.limits, student.given_up)
            if self.arcs is not None:
                self.arcs.update(student.executed_lines())
            student.end()
            student.loop.close()
            if self._failure is not None and student.flags:
                self._failure.evidence["flags"] = student.flags

    def first_is_over(self, given_up: str) -> None:
        """Becomes less patient, where the first test of the exercise was given up: all of them would wait as long.

        Nothing but that one test decides about it: what is tested beside it, or before, may be any others.

        Args:
            given_up: for what, as `Watch.verdict` says; empty: it was not.
        """
        self.limits = shortest(self.limits, given_up)

    def _load(self, student: Student) -> None:
        try:
            student.load(self.defines, self.arcs is not None)
        except RuleBroken as failure:
            failure.evidence.setdefault("during", "import")
            self._failure = failure
            raise


def limits_from(given: Mapping[str, Any]) -> Limits:
    """The limits of an exercise: what it gives, else the defaults."""
    return Limits(**dict(given))


def rlimits(limits: Limits) -> dict[str, int]:
    """What the kernel is told for a whole jail: rlimits, and `MEMORY`, for all its processes together.

    Address space is no bound on memory (stacks and arenas of correct programs take much of it), so it is
    set wide; `Limits.memory_mib` is bound by a control group where there is one, and watched.
    """
    return {
        "AS": max(4 << 30, limits.memory_mib << 22),
        "CORE": 0,
        "CPU": 300,
        "FSIZE": 64 << 20,
        "MEMORY": limits.memory_mib << 20,
        "NOFILE": max(64, limits.files),
        "NPROC": limits.processes,
    }
