"""Intake: finds the files of one submission, vets them, and copies them to where they are graded.

A submission is a folder holding `<exercise>/<exercise>.py`, or one holding `<exercise>.py`, or that file
itself. Whatever was handed in, the copy is laid out as `<exercise>/<exercise>.py`. Nothing is executed,
no link is followed, and nothing that lies in a submission raises anything but `Refused`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.intake_copy import (
    FILE,
    FOLDER,
    Folder,
    Unreadable,
    digest_of,
    kind_of,
    open_folder,
    read_file,
    write_copy,
)
from grader.intake_gather import Gathering, Limits
from grader.intake_names import is_archive, near, shown, some
from grader.intake_source import source_problem

__all__ = ["Found", "Intake", "Limits", "Refused", "take_in"]


class Refused(Exception):
    """The submission as a whole cannot be taken; the message names the entry and the remedy."""


@dataclass(frozen=True)
class Found:
    """What was found of one exercise."""

    exercise: str
    file: Path | None
    """The copy, absolute; None if there is none."""
    problem: str = ""
    """Why it cannot be tested; empty if it can."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Intake:
    """A submission that has been taken in."""

    name: str
    root: Path
    """The folder that holds the copy."""
    found: tuple[Found, ...]
    """In the order in which the exercises were asked for."""
    digest: str
    """Over names and bytes of all that was copied."""


def take_in(path: Path, exercises: Sequence[str], into: Path, limits: Limits | None = None) -> Intake:
    """Copies a submission to `into/<exercise>/...`.

    Args:
        path: the submission.
        exercises: the names of those to look for.
        into: an empty folder of the grader's.
        limits: how much is taken.

    Raises:
        Refused: `path` is no submission at all.
        OSError: `into` cannot be written.
    """
    submission = _Submission(tuple(exercises), limits or Limits())
    try:
        kind = kind_of(os.fspath(path))
        if kind == FILE:
            submission.take_single_file(path)
        elif kind == FOLDER:
            with open_folder(os.fspath(path)) as folder:
                submission.take_folder(folder)
        else:
            raise Refused(f"{shown(str(path))} is {kind}; give the folder or the file itself")
    except Unreadable as why:
        missing = not os.path.lexists(path)
        raise Refused(f"{shown(str(path))} " + ("does not exist" if missing else str(why))) from None
    found = tuple(submission.write(name, into) for name in exercises)
    return Intake(path.resolve().name, into, found, digest_of(submission.files))


class _Submission:
    """The files of a submission as they are gathered, by exercise."""

    def __init__(self, exercises: tuple[str, ...], limits: Limits) -> None:
        self._exercises = exercises
        self._limits = limits
        self.files: dict[str, bytes] = {}
        self._problems: dict[str, list[str]] = {name: [] for name in exercises}
        self._notes: dict[str, list[str]] = {name: [] for name in exercises}

    def take_single_file(self, path: Path) -> None:
        """Takes `<exercise>.py` itself."""
        name = path.name
        if is_archive(name):
            raise Refused(f"{shown(name)} is an archive; hand in the folder itself: archives are not read yet")
        exercise = name.removesuffix(".py")
        if exercise not in self._exercises or name == exercise:
            raise Refused(f"{shown(name)} is no exercise's file; expected {self._expected(name)}")
        self._keep(exercise, {name: read_file(os.fspath(path), self._limits.file_bytes)}, [], [])
        for other in self._exercises:
            if other != exercise:
                self._problems[other].append(f"no {other}.py found: only {name} was handed in")

    def take_folder(self, folder: Folder) -> None:
        """Takes each exercise from its own folder, else from the top."""
        for exercise in self._exercises:
            if exercise in folder.names:
                self._take_own_folder(folder, exercise)
            elif f"{exercise}.py" in folder.names:
                self._take_from_top(folder, exercise)
            else:
                self._problems[exercise].append(self._why_missing(folder, exercise))

    def _take_own_folder(self, top: Folder, exercise: str) -> None:
        gathering = Gathering(self._limits, f"{exercise}/", self.files)
        try:
            with top.folder(exercise) as folder:
                gathering.take_folder(folder)
                if f"{exercise}.py" not in folder.names:
                    self._problems[exercise].append(_missing(f"{exercise}/{exercise}.py", exercise, folder.names))
        except Unreadable as why:
            self._problems[exercise].append(f"{exercise} {why}")
        self._keep(exercise, gathering.files, gathering.refusals, gathering.notes)

    def _take_from_top(self, top: Folder, exercise: str) -> None:
        """Its file, and what lies beside it that is no other exercise's."""
        others = {name for name in self._exercises if name != exercise}
        without = frozenset(others | {f"{name}.py" for name in others})
        gathering = Gathering(self._limits, "", self.files)
        gathering.take_folder(top, without)
        self._keep(exercise, gathering.files, gathering.refusals, gathering.notes)

    def _keep(self, exercise: str, files: dict[str, bytes], refusals: list[str], notes: list[str]) -> None:
        self.files |= {f"{exercise}/{name}": data for name, data in files.items()}
        self._problems[exercise] += some(refusals)
        self._notes[exercise] += some(notes)

    def _why_missing(self, top: Folder, exercise: str) -> str:
        text = _missing(f"{exercise}.py", exercise, top.names)
        deeper = [name for name in top.names if self._holds(top, name, exercise)]
        if len(deeper) == 1:
            text += f"; the submission lies one folder deeper: give the path of {shown(deeper[0])} in it"
        return text

    def _holds(self, top: Folder, name: str, exercise: str) -> bool:
        """Whether the folder `name` looks like the submission itself."""
        try:
            if name.startswith(".") or top.kind(name) != FOLDER:
                return False
            with top.folder(name) as inner:
                return exercise in inner.names or f"{exercise}.py" in inner.names
        except Unreadable:
            return False

    def _expected(self, name: str) -> str:
        likely = near(name, [f"{exercise}.py" for exercise in self._exercises]) or [f"{e}.py" for e in self._exercises]
        return " or ".join(likely)

    def write(self, exercise: str, into: Path) -> Found:
        """Writes the copy of one exercise, and tells what was found of it."""
        problems, notes = self._problems[exercise], tuple(self._notes[exercise])
        prefix = f"{exercise}/"
        files = {name.removeprefix(prefix): data for name, data in self.files.items() if name.startswith(prefix)}
        data = files.get(f"{exercise}.py")
        if data is not None and (problem := source_problem(data)):
            problems.append(f"{exercise}.py {problem}")
        if data is None or problems:
            return Found(exercise, None, "\n".join(problems) or f"no {exercise}.py found", notes)
        write_copy(files, into / exercise)
        return Found(exercise, into / exercise / f"{exercise}.py", "", notes)


def _missing(expected: str, exercise: str, names: Sequence[str]) -> str:
    alike = near(exercise, names)
    if alike:
        return f"no {expected} found, but {shown(alike[0])}; rename it to {exercise}.py"
    return f"no {expected} found"
