"""Which files of a course are public, and which go into a sealed file; read as they are, links refused."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from grader.course import Course, Exercise
from grader.release import ReleaseError

Files = dict[str, bytes]
"""What a release holds: path with slashes -> content."""

_KNOWN_SUBMISSIONS = ("correct", "faulty")
"""How the folders with submissions for `grade check` begin."""
_JUDGEMENTS = "mutants.yaml"


def public_files(course: Course) -> Files:
    """The public part of a course: `course.yaml`, its exercises and the handouts; nothing of `solutions`.

    Raises:
        ReleaseError: something in it is no regular file, or cannot be read.
    """
    files = {"course.yaml": _read(course.root / "course.yaml")}
    for exercise in course.exercises:  # those listed: a draft beside them is nobody's business yet
        files |= _below(exercise.folder, course.root)
    return files | _below(course.root / "handouts", course.root)


def marking_files(course: Course) -> Files:
    """What decides a mark: `course.yaml`, the exercises and what is hidden of them.

    No solution is among it, unless students' own tests are marked, by what they find in the known submissions.

    Raises:
        ReleaseError: an exercise has no hidden tests here, or a file cannot be read.
    """
    files = {"course.yaml": _read(course.root / "course.yaml")}
    for exercise in course.exercises:
        files |= _below(exercise.folder, course.root) | _hidden_files(exercise, course.root)
    return files


def secret_files(course: Course) -> Files:
    """Everything that students must not get: all of `solutions`.

    Raises:
        ReleaseError: a file cannot be read.
    """
    return _below(course.root / "solutions", course.root)


def _hidden_files(exercise: Exercise, root: Path) -> Files:
    """The hidden tests and whatever lies beside them that a grading may need."""
    if exercise.solution is None or exercise.hidden_tests is None:
        raise ReleaseError(
            f"the hidden tests of {exercise.name} are not here (solutions/{exercise.name}/test_hidden.py); "
            "run this in the instructor's copy of the course"
        )
    own = exercise.solution.relative_to(root).as_posix() + "/"
    return {
        name: data
        for name, data in _below(exercise.solution, root).items()
        if name != own + _JUDGEMENTS
        and (exercise.student_tests or not _is_solution(name.removeprefix(own), exercise.name))
    }


def _is_solution(name: str, exercise: str) -> bool:
    folder, slash, _ = name.partition("/")
    return name == f"{exercise}.py" or bool(slash and folder.startswith(_KNOWN_SUBMISSIONS))


def _below(folder: Path, root: Path) -> Files:
    return {path.relative_to(root).as_posix(): _read(path) for path in _walk(folder)}


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__pycache__")
        for name in sorted(names):
            if not name.startswith(".") and not name.endswith(".pyc"):
                yield Path(place, name)


def _read(path: Path) -> bytes:
    if path.is_symlink() or not path.is_file():
        raise ReleaseError(f"{path} is no regular file; put a file in its place, or take it away")
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReleaseError(f"{path} cannot be read: {error.strerror}") from None
