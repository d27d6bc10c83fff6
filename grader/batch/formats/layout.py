"""What the formats share: entries that count, attempts in order, what is doubtful."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from grader.batch.attempts import Attempt, Collection

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
_NO_TIME = datetime(1980, 1, 2, 14, tzinfo=UTC)
"""Files that came out of a zip without a time have 1 January 1980, somewhere on earth, or the time 0."""


def entries(folder: Path) -> tuple[list[Path], list[str]]:
    """The entries of a folder that may be submissions, by name; and the names of those that never are."""
    found, ignored = [], []
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        hidden = path.name.startswith(".") or path.name == "__MACOSX"
        if hidden:
            ignored.append(path.name)
        else:
            found.append(path)
    return found, ignored


def is_archive(name: str) -> bool:
    """Whether a name is that of an archive."""
    return name.lower().endswith(ARCHIVES)


def stem(name: str) -> str:
    """A file's name without `.py` or the ending of an archive."""
    for suffix in (*ARCHIVES, ".py"):
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name


def file_time(path: Path) -> datetime | None:
    """When a file, or the newest Python file or archive in a folder, was last changed; None if that cannot be told."""
    paths = [path] if path.is_file() else [one for one in path.rglob("*") if _is_handed_in(one)]
    times = [one.lstat().st_mtime for one in paths]
    latest = datetime.fromtimestamp(max(times), UTC) if times else _NO_TIME
    return latest if latest > _NO_TIME else None


def _is_handed_in(path: Path) -> bool:
    return (path.suffix.lower() == ".py" or is_archive(path.name)) and path.is_file() and not path.is_symlink()


def numbered(found: Sequence[Attempt], doubtful: Sequence[str] = (), ignored: Sequence[str] = ()) -> Collection:
    """A collection with the attempts of each student counted in order of time.

    Where several are of one student and it cannot be told which is the last, none of them is graded.

    Args:
        found: attempts, each the only one or with a time that its system gave.
        doubtful: as in `Collection`.
        ignored: as in `Collection`.
    """
    by_student: dict[str, list[Attempt]] = {}
    for attempt in found:
        by_student.setdefault(attempt.student, []).append(attempt)
    attempts, doubts = [], list(doubtful)
    for student, own in sorted(by_student.items()):
        times = {attempt.when for attempt in own}
        if len(own) == 1 or (None not in times and len(times) == len(own)):
            own.sort(key=lambda one: one.when or datetime.min.replace(tzinfo=UTC))
            attempts += [replace(attempt, number=number) for number, attempt in enumerate(own, 1)]
            continue
        sources = " and ".join(one.source for one in own)
        problem = f"{sources} are all of {student}, and which is the last cannot be told; keep the one that counts"
        may_be = tuple({owner: None for one in own for owner in one.may_be})
        attempts.append(replace(own[0], path=None, files=(), problem=problem, may_be=may_be))
        doubts.append(problem)
    return Collection(tuple(attempts), tuple(doubts), tuple(ignored))
