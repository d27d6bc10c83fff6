"""The jails of a session: kept from one exercise to the next, and started by what confines them.

A jail shows one folder, in which lie the files of one exercise at a time and nothing else of the submission: what comes
of an exercise depends on these alone. A process is forked for each test as ever.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from grader.jail import open_cell
from grader.jail.cell import Cell
from grader.testing.bench import limits_from, rlimits
from grader.testing.plan import Event, Plan, PlannedExercise
from grader.testing.watch import Limits

_MOST_REMEMBERED = 512
"""Connections; a quarter of those that fit (`grader.jail.launcher`)."""


class Cells:
    """The jails that are kept, and the folder that all of them show. Use as a context manager."""

    def __init__(self, folder: Path) -> None:
        """Args: folder: an empty one, that the student's user may pass through, for as long as there are jails."""
        self._folder = folder
        self._top = folder / "submissions"
        self._top.mkdir(mode=0o755)
        self._cells: dict[str, Cell] = {}

    def __enter__(self) -> Cells:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def showing(
        self, plan: Plan, exercise: PlannedExercise, send: Callable[[Event], None]
    ) -> Iterator[tuple[Cell, Plan, Callable[[Event], None]]]:
        """A jail that shows the files of one exercise for as long as the block lasts.

        After a verdict that is in doubt it is not used again: what went wrong there is not handed on. Nor is it where
        its network remembers so many connections that it could forget some before their time.

        Args:
            plan: to which the exercise belongs.
            exercise: whose files.
            send: takes each event.

        Returns:
            the jail, the plan for this exercise as it lies there, and what the events are to be sent to.

        Raises:
            JailError, TierUnavailable: no jail can be started.
        """
        own = Path(exercise.file).relative_to(plan.submission).parts[0]
        files = Path(plan.submission, own)
        place = self._top / _digest(files)
        shutil.copytree(files, place / own)
        one = moved(msgspec.structs.replace(plan, exercises=[exercise]), place, self._top)
        doubtful: list[Event] = []

        def watched(event: Event) -> None:
            if event.fault or (event.test is not None and event.test.verdict == "inconclusive"):
                doubtful.append(event)
            send(event)

        try:
            cell = self._cell(one)
            cell.forget()
            yield cell, one, watched
            if doubtful or cell.remembers() > _MOST_REMEMBERED:
                self.close()
        except BaseException:
            self.close()
            raise
        finally:
            shutil.rmtree(place)
            _forget(exercise)

    def _cell(self, plan: Plan) -> Cell:
        limits = limits_of(plan)
        key = f"{limits} {plan.masked} {plan.tier}"
        if key not in self._cells:
            before, tempfile.tempdir = tempfile.tempdir, str(self._folder)  # it may outlive the plan's own folder
            try:
                self._cells[key] = open_cell(self._top, limits, tuple(map(Path, plan.masked)), plan.tier)
            finally:
                tempfile.tempdir = before
        return self._cells[key]

    def close(self) -> None:
        """Ends the jails; what is asked for next starts new ones."""
        while self._cells:
            self._cells.popitem()[1].close()


def limits_of(plan: Plan) -> dict[str, int]:
    """What the kernel is told for a jail in which all exercises of a plan are tested."""
    limits = [limits_from(exercise.limits) for exercise in plan.exercises]
    widest = Limits(
        memory_mib=max(limit.memory_mib for limit in limits),
        processes=max(limit.processes for limit in limits),
        files=max(limit.files for limit in limits),
    )
    return rlimits(widest)


def moved(plan: Plan, place: Path, top: Path) -> Plan:
    """The plan for a copy of the submission.

    Args:
        plan: as it was made.
        place: where the copy lies.
        top: the folder that the jail shows.
    """

    def there(file: str) -> str:
        return str(place / Path(file).relative_to(plan.submission))

    def of(exercise: PlannedExercise) -> PlannedExercise:
        own = exercise.student_tests
        own = own and msgspec.structs.replace(own, file=there(own.file))
        return msgspec.structs.replace(exercise, file=there(exercise.file), student_tests=own)

    return msgspec.structs.replace(plan, submission=str(top), exercises=list(map(of, plan.exercises)))


def _digest(folder: Path) -> str:
    """A name for what is in a folder: a program that tells where it lies tells the same whatever else is tested."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            content = file.read_bytes()
            digest.update(os.fsencode(file.relative_to(folder)) + b"\0%d\0" % len(content) + content)
    return digest.hexdigest()[:16]


def _forget(exercise: PlannedExercise) -> None:
    """Forgets the modules of the tests: the next session imports its own, as it would in a process of its own."""
    for name, module in list(sys.modules.items()):
        with contextlib.suppress(AttributeError):
            if module.__file__ in exercise.test_files:
                del sys.modules[name]
