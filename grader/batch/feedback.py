"""Writes `OUT/feedback/<student>/`: every report form of each submission, under a name fit for a file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from grader.batch.attempts import BatchError
from grader.batch.book import Counted, Graded, final_result
from grader.batch.store import Kept
from grader.gradebook import Row
from grader.plugins import plugin_manager
from grader.reports import Report
from grader.results import Result

_FILES = {
    "terminal": "report.txt", "json": "result.json", "junit": "junit.xml", "markdown": "report.md",
    "gradescope": "results.json", "html": "report.html",
}  # fmt: skip
"""Forms that are for a student or an LMS, and their files; forms for CI have no place here."""
_LONGEST = 100


@dataclass(frozen=True)
class _Folder:
    """The reports of one attempt."""

    path: str
    """Relative to OUT."""
    row: Row
    graded: Graded

    @property
    def files(self) -> list[str]:
        """Those that are due, relative to OUT."""
        names = _FILES.values() if self.graded.kept else [_FILES["terminal"]]
        return [f"{self.path}/{name}" for name in names]


def feedback_files(counted: Iterable[Counted]) -> list[str]:
    """The files that `write_feedback` writes, relative to OUT."""
    return [file for folder in _folders(counted) for file in folder.files]


def write_feedback(counted: Iterable[Counted], out: Path, load: Callable[[str], dict[str, Kept]]) -> None:
    """Writes the reports of every student that has any, where they are not written yet.

    Args:
        counted: the rows of the gradebook.
        out: the folder of the batch.
        load: gives the whole results of a submission, by its digest.

    Raises:
        BatchError: they cannot be written.
    """
    reports = [report for given in plugin_manager().hook.grader_reports() for report in given if report.name in _FILES]
    for folder in _folders(counted):
        _write(out / folder.path, folder.row, _whole(folder.graded, load), reports)


def _folders(counted: Iterable[Counted]) -> Iterator[_Folder]:
    taken: set[str] = set()
    for one in counted:
        path = f"feedback/{folder_name(one.row.student, taken)}"
        if one.graded is None or not (one.graded.kept or one.graded.refused):
            continue
        yield _Folder(path, one.row, one.graded)
        for other in one.others:
            yield _Folder(f"{path}/attempt-{other.attempt.number}", _as_earned(other, one.row), other)


def folder_name(student: str, taken: set[str]) -> str:
    """A file name for a student: readable, in no way special, and unlike all in `taken`, which it joins."""
    name = "".join(c if c.isalnum() or c in "._-@+, " else f"%{ord(c):02X}" for c in student)[:_LONGEST].rstrip(". ")
    name = name if name and not name.startswith(".") else f"_{name}"
    if name.casefold() in taken or len(student) > _LONGEST:
        name += "-" + hashlib.sha256(student.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    taken.add(name.casefold())
    return name


def write_file(path: Path, data: bytes) -> None:
    """Replaces a file as a whole, or leaves it as it was.

    Raises:
        BatchError: it cannot be written; says why.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise BatchError(
            f"{path}: {error.strerror}; all results are kept: mend it, then run the same command"
        ) from None


def _whole(graded: Graded, load: Callable[[str], dict[str, Kept]]) -> Graded:
    return replace(graded, kept=load(graded.digest)) if graded.digest else graded


def _write(folder: Path, row: Row, graded: Graded, reports: Sequence[Report]) -> None:
    if not graded.kept:
        _written(folder / _FILES["terminal"], f"Not graded: {graded.refused}\n".encode())
        return
    made = final_result(graded, row)
    for report in reports:
        _written(folder / _FILES[report.name], _rendered(report, made))


def _rendered(report: Report, made: Result) -> bytes:
    """A report; one that cannot be made costs nobody the others."""
    try:
        return report.render(made)
    except Exception as error:
        return f"This form cannot be had: {type(error).__name__}: {error}\n".encode()


def _written(path: Path, data: bytes) -> None:
    """Writes a file unless it is there already, with the same bytes."""
    try:
        if path.is_file() and path.read_bytes() == data:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BatchError(f"{path}: {error.strerror}; mend it, then run the same command") from None
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)  # not synced: it can be made again from the store
        part.replace(path)
    except OSError as error:
        raise BatchError(
            f"{path}: {error.strerror}; all results are kept: mend it, then run the same command"
        ) from None


def _as_earned(graded: Graded, row: Row) -> Row:
    """The row of an attempt that does not count: its own points, no policy."""
    score = graded.score or 0.0
    worth = float(sum(one.result.max_score for one in graded.kept.values()))
    return Row(row.student, row.name, row.ids, {}, score, score, worth, 0.0, [])
