"""Intake: finds the files of one submission, vets them, and copies them to where they are graded.

A submission is a folder holding `<exercise>/<exercise>.py`, or one holding `<exercise>.py`, or an archive of
either, or that file itself. Whatever was handed in, the copy is laid out as `<exercise>/<exercise>.py`.
Nothing is executed, no link is followed, and nothing that lies in a submission raises anything but `Refused`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

from grader.intake_archive import looked_through, open_archive
from grader.intake_copy import (
    FILE,
    FOLDER,
    LINK,
    Unreadable,
    digest_of,
    kind_of,
    open_folder,
    read_file,
    write_copy,
)
from grader.intake_gather import Gathering, Limits
from grader.intake_missing import Lacking
from grader.intake_names import near, shown, some, without_ending
from grader.intake_source import source_problem
from grader.intake_tree import Tree

__all__ = ["Found", "Intake", "Limits", "Refused", "asked", "take_in"]


class Refused(Exception):
    """The submission as a whole cannot be taken; the message names the entry and the remedy."""


@dataclass(frozen=True)
class Found:
    """What was found of one exercise."""

    exercise: str
    file: Path | None
    """The copy, absolute; None if there is a problem."""
    problem: str = ""
    """Why it cannot be tested, what was expected and what to do; empty if it can. May have several lines."""
    notes: tuple[str, ...] = ()
    absent: bool = False
    """Nothing was handed in that could have been meant to be it."""


@dataclass(frozen=True)
class Intake:
    """A submission that has been taken in."""

    name: str
    """The name of its folder, file or archive (without the ending), fit to be shown."""
    root: Path
    """The folder that holds the copy, absolute."""
    found: tuple[Found, ...]
    """In the order in which the exercises were asked for."""
    digest: str
    """Over names and bytes of all that was copied."""


@dataclass(frozen=True)
class _Taken:
    """One exercise of a submission, in memory: its files, or why they are not taken."""

    exercise: str
    problem: str
    files: dict[str, bytes] = field(default_factory=dict)
    """By path relative to the exercise's folder."""
    notes: tuple[str, ...] = ()
    absent: bool = False

    def found(self, root: Path) -> Found:
        file = None if self.problem else root / self.exercise / f"{self.exercise}.py"
        return Found(self.exercise, file, self.problem, self.notes, self.absent)


def take_in(
    path: Path,
    exercises: Sequence[str],
    into: Path,
    limits: Limits | None = None,
    arranged: Callable[[Tree], AbstractContextManager[Tree]] = nullcontext,
) -> Intake:
    """Copies a submission to `into/<exercise>/...`: of each exercise all that it may need, or nothing.

    Args:
        path: the submission.
        exercises: the names of those to look for.
        into: an empty folder of the grader's; made if it is not there.
        limits: how much is taken; None: the usual.
        arranged: gives an open folder as one in which exercises lie as expected; else they have to.

    Raises:
        Refused: `path` is no submission at all.
        OSError: `into` cannot be written, or the grader itself is out of descriptors or memory.
    """
    limits = limits or Limits()
    if (file := _file_of(path, exercises)) is not None:
        name, taken = file, _from_file(path, file, exercises, limits)
    else:
        with _opened(path, exercises, limits) as (top, name, place), arranged(top) as laid:
            taken = _FromFolder(place, name, laid, exercises, limits).take()
    root = Path(os.path.abspath(into))
    files = {f"{one.exercise}/{name}": data for one in taken for name, data in one.files.items()}
    write_copy(files, root)
    return Intake(shown(name), root, tuple(one.found(root) for one in taken), digest_of(files))


def asked(path: Path, exercises: Sequence[str], limits: Limits | None = None) -> list[str]:
    """Which of the exercises a submission is about: the one that it holds alone, or else all of them.

    Raises:
        Refused: `path` is no submission at all.
    """
    if (file := _file_of(path, exercises)) is not None:
        return [file.removesuffix(".py")]
    with _opened(path, exercises, limits or Limits()) as (top, name, _):
        if any(exercise in top.names and _kind(top, exercise) != FILE for exercise in exercises):
            return list(exercises)
        flat = [exercise for exercise in exercises if f"{exercise}.py" in top.names]
    if not flat and name in exercises:
        return [name]
    return flat if len(flat) == 1 else list(exercises)


def _kind(tree: Tree, name: str) -> str:
    with suppress(Unreadable):
        return tree.kind(name)
    return ""


def _name_of(path: Path) -> str:
    try:
        return os.path.basename(os.path.realpath(path)) or str(path)
    except OSError:  # the current folder is gone
        return str(path)


@contextmanager
def _opened(path: Path, exercises: Sequence[str], limits: Limits) -> Iterator[tuple[Tree, str, Path | None]]:
    """The folder that holds a submission, its name, and, if it lies on disk, its path."""
    try:
        kind = _kind_of_submission(path)
        if kind == FOLDER:
            with open_folder(os.fspath(path)) as top:
                yield top, _name_of(path), path
                return
        if kind == FILE:
            archive = open_archive(path, limits)
            if archive is None:
                raise Refused(_no_exercise(_name_on_disk(path), exercises))
            with looked_through(archive, exercises) as top:
                yield top, without_ending(_name_of(path)), None
                return
    except Unreadable as why:
        raise Refused(f"{shown(str(path))} {why}") from None
    remedy = "give what it points to" if kind == LINK else "give a folder, an archive, or the file of one exercise"
    raise Refused(f"{shown(str(path))} is {kind}; {remedy}")


def _file_of(path: Path, exercises: Sequence[str]) -> str | None:
    """The name of the exercise's file that `path` is; None if it is something else."""
    if _kind_of_submission(path) != FILE:
        return None
    file = _name_on_disk(path)
    return file if file in [f"{exercise}.py" for exercise in exercises] else None


def _kind_of_submission(path: Path) -> str:
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        remedy = "give the folder that holds your exercises, an archive of it, or the file of one"
        raise Refused(f"{shown(str(path))} does not exist; {remedy}") from None
    except OSError as error:
        raise Refused(f"{shown(str(path))} cannot be reached: {error.strerror}; check the path") from None
    try:
        return kind_of(os.fspath(path))
    except Unreadable as why:
        raise Refused(f"{shown(str(path))} {why}") from None


# --- a file ----------------------------------------------------------------------------------


def _from_file(path: Path, file: str, exercises: Sequence[str], limits: Limits) -> list[_Taken]:
    missing = f"only {file} was handed in"
    return [
        _alone(path, name, limits)
        if file == f"{name}.py"
        else _Taken(name, f"no {name}.py found: {missing}", absent=True)
        for name in exercises
    ]


def _name_on_disk(path: Path) -> str:
    """The file's name as its folder lists it: where case does not count, what was typed may differ."""
    try:
        names = os.listdir(path.parent)
        alike = [name for name in names if name.casefold() == path.name.casefold()]
        same = [name for name in alike if os.path.samestat(os.lstat(path.parent / name), os.lstat(path))]
    except OSError:
        return path.name
    return path.name if path.name in same or not same else same[0]


def _no_exercise(file: str, exercises: Sequence[str]) -> str:
    likely = [exercise for exercise in exercises if near(exercise, [file])]
    expected = " or ".join(f"{exercise}.py" for exercise in exercises)
    remedy = f": rename it to {likely[0]}.py" if likely else ", or the folder that holds it"
    return f"{shown(file)} is not the file of an exercise; expected {expected}{remedy}"


def _alone(path: Path, exercise: str, limits: Limits) -> _Taken:
    file = f"{exercise}.py"
    try:
        data = read_file(os.fspath(path), min(limits.file_bytes, limits.total_bytes))
    except Unreadable as why:
        return _Taken(exercise, f"{file} {why}")
    if fault := source_problem(data):
        return _Taken(exercise, f"{file} {fault}")
    return _Taken(exercise, "", {file: data})


# --- a folder --------------------------------------------------------------------------------


class _FromFolder:
    """Takes the exercises out of an open folder or archive, one after the other."""

    def __init__(self, path: Path | None, name: str, top: Tree, exercises: Sequence[str], limits: Limits) -> None:
        self._path = path
        self._name = name
        self._top = top
        self._exercises = exercises
        self._limits = limits
        self._counted: dict[
            str, bytes
        ] = {}  # what counts against the limits: a refused exercise costs the next nothing
        self._beside: Gathering | None = None

    def take(self) -> list[_Taken]:
        """What there is of each exercise, in order."""
        found = {exercise: self._take(exercise) for exercise in self._exercises}
        if all(found.values()):
            return [taken for taken in found.values() if taken]
        lacking = Lacking(self._path, self._name, self._top, self._exercises)
        alone = not any(found.values())
        return [taken or _lacking(name, lacking, alone) for name, taken in found.items()]

    def _take(self, exercise: str) -> _Taken | None:
        """One exercise from its own folder, else from the top; None if it is in neither."""
        try:
            return self._from_own_folder(exercise) or self._from_top(exercise)
        except Unreadable as why:
            return _Taken(exercise, f"{exercise} {why}")

    def _from_own_folder(self, exercise: str) -> _Taken | None:
        file = f"{exercise}.py"
        if exercise not in self._top.names or self._top.kind(exercise) == FILE:
            return None
        with self._top.folder(exercise) as folder:
            if file not in folder.names:
                return None
            gathering = Gathering(self._limits, f"{exercise}/", self._counted)
            gathering.take_folder(folder)
        if file in self._top.names:
            gathering.notes.append(f"{file} is not used, since there is {exercise}/{file}")
        return self._judged(exercise, gathering, f"{exercise}/")

    def _from_top(self, exercise: str) -> _Taken | None:
        file = f"{exercise}.py"
        if file not in self._top.names:
            return None
        beside = self._files_beside()
        gathering = Gathering(self._limits, "", self._counted | ({} if beside.refusals else beside.files))
        gathering.take_file(self._top, file)
        gathering.files |= beside.files
        gathering.refusals += beside.refusals
        gathering.notes += beside.notes
        return self._judged(exercise, gathering, "")

    def _files_beside(self) -> Gathering:
        """What lies at the top and belongs to no exercise; read and counted once for all of them."""
        if self._beside is None:
            self._beside = Gathering(self._limits, "", self._counted)
            own = {name for exercise in self._exercises for name in (exercise, f"{exercise}.py")}
            self._beside.take_folder(self._top, frozenset(own))
        return self._beside

    def _judged(self, exercise: str, gathering: Gathering, prefix: str) -> _Taken:
        problem = _problem(f"{exercise}.py", gathering, prefix)
        if problem:
            return _Taken(exercise, problem, notes=tuple(some(gathering.notes)))
        self._counted |= {prefix + path: data for path, data in gathering.files.items()}
        return _Taken(exercise, "", gathering.files, tuple(some(gathering.notes)))


def _lacking(exercise: str, lacking: Lacking, alone: bool) -> _Taken:
    why, hint = lacking.why(exercise), lacking.hint(exercise, alone)
    return _Taken(exercise, why + hint, absent=not hint)


def _problem(file: str, gathering: Gathering, prefix: str) -> str:
    if gathering.refusals:
        return "\n".join(some(gathering.refusals))
    if file in gathering.files:
        fault = source_problem(gathering.files[file])
        return f"{prefix}{file} {fault}" if fault else ""
    inner = f"{file}/{file}"
    hint = f"; {prefix}{inner} was found: move it up" if inner in gathering.files else ""
    return f"{prefix}{file} is a folder; a file is expected{hint}"
