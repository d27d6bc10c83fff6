"""Plain folders: one for each student, or files or an archive of theirs, named after them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from grader.batch.attempts import Attempt, BatchError, Collection
from grader.batch.formats.layout import entries, file_time, is_archive, numbered, stem
from grader.intake_names import meant, near

_BESIDE = (".csv", ".json", ".md", ".txt", ".yaml", ".yml", ".html", ".pdf")
"""Endings of files that an instructor keeps beside submissions."""
_RESULTS = ("results.sqlite", "gradebook.json")
"""What the OUT of an earlier batch holds."""
HOLDS_RESULTS = "holds the results of a batch"
_ATTEMPT = re.compile(r"attempt[-_ ]?(\d+)", re.IGNORECASE)


class Plain:
    """`<student>/...`, `<student>/attempt-2/...`, `<student>.py`, `<student>_<exercise>.py`, `<student>.zip`."""

    name = "plain"
    description = "a folder, a file or an archive for each student, named after them"

    def recognise(self, folder: Path) -> str:
        """Anything may be plain folders."""
        return "its entries follow no other format" if any(folder.iterdir()) else ""

    def find(self, folder: Path, exercises: Sequence[str]) -> Collection:
        """Each folder, archive and Python file, by name."""
        paths, ignored = entries(folder)
        _check_depth(folder, paths, exercises)
        found: list[Attempt] = []
        files: dict[str, list[tuple[str, Path]]] = {}
        doubtful: list[str] = []
        for path in paths:
            if path.is_dir() and all((path / name).is_file() for name in _RESULTS):
                doubtful.append(f"{path.name}: {HOLDS_RESULTS}; keep it elsewhere")
            elif path.is_dir():
                found += _from_folder(path)
            elif is_archive(path.name):
                found.append(Attempt(stem(path.name), path.name, path, when=file_time(path), when_from="file"))
            elif path.suffix.lower() == ".py":
                if named := _student_and_file(path, exercises):
                    files.setdefault(named[0], []).append((named[1], path))
                else:
                    doubtful.append(
                        f"{path.name}: which exercise is it? say so with -e, or put it in a folder {stem(path.name)}/"
                    )
            elif any(near(name, [path.stem]) for name in exercises):
                doubtful.append(f"{path.name}: may be a submission; give it the ending of what it is, or remove it")
            elif path.suffix.lower() in _BESIDE:
                ignored.append(path.name)
            else:
                doubtful.append(
                    f"{path.name}: is neither a folder, a Python file nor an archive; remove it or unpack it"
                )
        found += [_from_files(student, own) for student, own in files.items()]
        return _numbered(found, doubtful, ignored)


def _check_depth(folder: Path, paths: Sequence[Path], exercises: Sequence[str]) -> None:
    """Sees that a folder is neither one submission nor the folder around all of them."""
    if one := next((name for name in exercises if (folder / name).is_dir() or (folder / f"{name}.py").is_file()), ""):
        raise BatchError(
            f"{folder} holds {one}: it looks like one submission; give the folder that holds all of them,"
            f" or grade it with `grade run {folder}`"
        )
    if len(paths) == 1 and _holds_several(paths[0], exercises):
        raise BatchError(
            f"{folder} holds the one folder {paths[0].name}, and that several submissions: give {paths[0]};"
            " if they are one student's, name them attempt-1, attempt-2"
        )


def _holds_several(path: Path, exercises: Sequence[str]) -> bool:
    """Whether more than one folder in it has the same exercise."""
    if not path.is_dir() or path.is_symlink():
        return False
    inner = [one for one in entries(path)[0] if one.is_dir() and not one.is_symlink() and one.name not in exercises]
    if all(_ATTEMPT.fullmatch(one.name) for one in inner):
        return False
    return any(sum((one / name).is_dir() or (one / f"{name}.py").is_file() for one in inner) > 1 for name in exercises)


def _from_folder(path: Path) -> list[Attempt]:
    inner = entries(path)[0] if not path.is_symlink() else []
    attempts = [(int(found[1]), one) for one in inner if one.is_dir() and (found := _ATTEMPT.fullmatch(one.name))]
    if attempts and len(attempts) == len(inner):
        return [_in_folder(path.name, f"{path.name}/{one.name}", one, n) for n, one in sorted(attempts)]
    return [_in_folder(path.name, path.name, path)]


def _in_folder(student: str, source: str, path: Path, number: int = 1) -> Attempt:
    return Attempt(student, source, path, number=number, when=file_time(path), when_from="file")


def _student_and_file(path: Path, exercises: Sequence[str]) -> tuple[str, str] | None:
    for name in exercises:
        ends = re.search(rf"[-_. ]{re.escape(name)}", path.name, re.IGNORECASE)
        if ends and ends.start() and meant(path.name[ends.start() + 1 :], [name]):
            return path.name[: ends.start()], f"{name}.py"
    return (stem(path.name), f"{exercises[0]}.py") if len(exercises) == 1 else None


def _from_files(student: str, files: Sequence[tuple[str, Path]]) -> Attempt:
    sources = ", ".join(path.name for _, path in files)
    times = [time for _, path in files if (time := file_time(path))]
    return Attempt(student, sources, files=tuple(files), when=max(times, default=None), when_from="file")


def _numbered(found: Sequence[Attempt], doubtful: Sequence[str], ignored: Sequence[str]) -> Collection:
    """Attempts in folders of their own are numbered already; else files' times do not tell which is the last."""
    several = [one for one in found if _ATTEMPT.search(one.source)]
    others = numbered([replace(one, when=None) for one in found if one not in several], doubtful, ignored)
    times = {one.source: one.when for one in found}
    attempts = [*(replace(one, when=times.get(one.source)) for one in others.attempts), *several]
    attempts.sort(key=lambda one: (one.student, one.number))
    return Collection(tuple(attempts), others.doubtful, others.ignored)
