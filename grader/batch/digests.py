"""What a result depends on, as digests: the submission, an exercise of the course, the grader itself."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from grader.course import Course, Exercise, known_files
from grader.intake import Found, Intake
from grader.plugins import plugin_manager

_PACKAGE = Path(__file__).parents[1]
_DECIDES_NOTHING = ("batch", "reports", "release")
"""Rooms whose change changes no verdict."""


def submission_digest(intake: Intake) -> str:
    """Over all that intake has taken, and over what it has to say of it."""
    parts = [intake.digest]
    for found in intake.found:
        parts += [found.exercise, found.problem, *found.notes, ""]
    return _digest(map(_encoded, parts))


def part_digests(intake: Intake, files: Mapping[str, bytes]) -> dict[str, str]:
    """Of each exercise of a submission: over its own files, which are all that its tests see, and over what was found.

    Args:
        intake: of the submission.
        files: the copy by path.
    """
    return {found.exercise: _digest(_part(found, files)) for found in intake.found}


def _part(found: Found, files: Mapping[str, bytes]) -> Iterator[bytes]:
    for text in (found.problem, *found.notes, ""):
        yield _encoded(text)
    for path in sorted(files):
        if path.startswith(f"{found.exercise}/"):
            yield from (_encoded(path), files[path])


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def exercise_digest(exercise: Exercise, without: Iterable[str] = ()) -> str:
    """Over the files that decide a mark in one exercise, and the groups that are left out."""
    files = [path for path in _files_of(exercise) if path.suffix != ".md"]
    parts = [word.encode() for word in (exercise.name, "without", *sorted(without))]
    for path in files:
        parts += [path.relative_to(exercise.folder.parent.parent).as_posix().encode(), path.read_bytes()]
    return _digest(parts)


def course_files(course: Course) -> dict[str, bytes]:
    """All files that a worker elsewhere needs of a course, by path relative to its root."""
    files = [course.root / "course.yaml"]
    for exercise in course.exercises:
        files += _files_of(exercise)
    return {path.relative_to(course.root).as_posix(): path.read_bytes() for path in files}


def _files_of(exercise: Exercise) -> list[Path]:
    """What decides a mark in an exercise: its folder, the hidden tests, and what students' own tests are tried on."""
    files = list(_files_below(exercise.folder))
    files += [exercise.hidden_tests] if exercise.hidden_tests else []
    return files + (sorted(known_files(exercise)) if exercise.student_tests else [])


@cache
def grader_digest() -> str:
    """Over the grader's own code, its plug-ins' names and versions, and the Python that runs it."""
    parts = [f"{platform.python_implementation()} {sys.version_info[:2]}".encode()]
    for path in _files_below(_PACKAGE):
        inside = path.relative_to(_PACKAGE)
        if path.suffix == ".py" and inside.parts[0] not in _DECIDES_NOTHING:
            parts += [inside.as_posix().encode(), path.read_bytes()]
    for _, dist in plugin_manager().list_plugin_distinfo():
        parts.append(f"{dist.project_name} {dist.version}".encode())
    return _digest(parts)


def _files_below(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__pycache__")
        yield from (Path(place, name) for name in sorted(files) if not name.startswith("."))


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)  # lengths, so that no byte changes its place unseen
    return digest.hexdigest()
