"""Plain folders: one for each student, or one file for each student, named after them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.batch.attempts import Attempt, BatchError, Collection

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
_NONE = (".csv", ".json", ".md", ".txt", ".yaml", ".yml", ".html", ".pdf")
"""Files that an instructor keeps beside submissions."""


class Plain:
    """`<student>/...`, `<student>.py`, `<student>.zip`."""

    name = "plain"
    description = "a folder, a file or an archive for each student, named after them"

    def recognise(self, folder: Path) -> str:
        """Anything may be plain folders."""
        return "its entries follow no other format" if any(folder.iterdir()) else ""

    def find(self, folder: Path, exercises: Sequence[str]) -> Collection:
        """Each folder, Python file and archive, by name."""
        if one := next(
            (name for name in exercises if (folder / name).is_dir() or (folder / f"{name}.py").is_file()), ""
        ):
            raise BatchError(
                f"{folder} holds {one}: it looks like one submission; give the folder that holds all of them,"
                f" or grade it with `grade run {folder}`"
            )
        found: list[Attempt] = []
        doubtful, ignored = [], []
        for path in sorted(folder.iterdir(), key=lambda path: path.name):
            student = student_of(path)
            if path.name.startswith(".") or path.name == "__MACOSX" or path.suffix.lower() in _NONE:
                ignored.append(path.name)
            elif path.is_dir() or (is_archive(path.name) and path.is_file()):
                found.append(Attempt(student, path.name, path))
            elif path.suffix == ".py" and path.is_file():
                if len(exercises) == 1:
                    found.append(Attempt(student, path.name, files=((f"{exercises[0]}.py", path),)))
                else:
                    doubtful.append(
                        f"{path.name}: which exercise is it? say so with -e, or put it in a folder {student}/"
                    )
            else:
                doubtful.append(
                    f"{path.name}: is neither a folder, a Python file nor an archive; remove it or unpack it"
                )
        return without_doubles(found, doubtful, ignored)


def is_archive(name: str) -> bool:
    """Whether a name is that of an archive."""
    return name.lower().endswith(ARCHIVES)


def student_of(path: Path) -> str:
    """Who a file or folder is named after."""
    name = path.name
    for suffix in (*ARCHIVES, ".py"):
        if not path.is_dir() and name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name


def without_doubles(found: Sequence[Attempt], doubtful: Sequence[str], ignored: Sequence[str]) -> Collection:
    """A collection in which entries of one student, of which none is known to be the last, are not graded."""
    by_student: dict[str, list[Attempt]] = {}
    for attempt in found:
        by_student.setdefault(attempt.student, []).append(attempt)
    attempts, doubts = [], list(doubtful)
    for student, own in by_student.items():
        if len(own) == 1:
            attempts += own
            continue
        problem = f"{' and '.join(one.source for one in own)} are all named after {student}; keep the one that counts"
        attempts.append(Attempt(student, own[0].source, problem=problem))
        doubts.append(problem)
    return Collection(tuple(attempts), tuple(doubts), tuple(ignored))
