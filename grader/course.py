"""Reads a course, `course.yaml` and its exercises, and reports all that is wrong with it at once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from grader.course_exercise import differ, is_name, points, read_exercise
from grader.course_marking import read_marking
from grader.course_model import Course, CourseError, Exercise, Group, Problem, name_in, quoted, read_file, suggestion
from grader.course_yaml import Value, read_yaml

__all__ = [
    "Course",
    "CourseError",
    "Exercise",
    "Group",
    "Problem",
    "find_course",
    "known_files",
    "load_course",
    "load_exercise",
    "pack_digest",
    "rule_table",
    "shipped_course",
]


def load_course(root: Path) -> Course:
    """Reads a course with all its exercises.

    Args:
        root: the folder that holds `course.yaml`.

    Raises:
        CourseError: something is wrong with it; names everything that is.
    """
    root = Path(os.path.abspath(root))
    problems: list[Problem] = []
    fields = read_yaml(root / "course.yaml", root, problems).fields(["title", "exercises"], ["marking"])
    title = fields["title"].text()
    exercises = _listed_exercises(root, fields["exercises"])
    policy = read_marking(fields["marking"], [exercise.name for exercise in exercises])
    _raise_if_any(problems)
    return Course(title, root, tuple(exercises), policy)


def load_exercise(folder: Path) -> Exercise:
    """Reads one exercise alone.

    Args:
        folder: `exercises/<name>` of a course; its solution is looked for in `solutions/<name>` beside `exercises`.

    Raises:
        CourseError: something is wrong with it; names everything that is.
    """
    problems: list[Problem] = []
    exercise, _ = read_exercise(Path(os.path.abspath(folder)), problems)
    _raise_if_any(problems)
    return exercise


def find_course(start: Path) -> Path | None:
    """The nearest folder, from `start` upwards, that holds `course.yaml`."""
    start = Path(os.path.abspath(start))
    return next((folder for folder in (start, *start.parents) if (folder / "course.yaml").is_file()), None)


def shipped_course() -> Path | None:
    """The public part of the pack as a wheel of the grader brings it along; None in a checkout."""
    pack = Path(__file__).with_name("pack")
    return pack if (pack / "course.yaml").is_file() else None


def rule_table(course: Course) -> dict[str, dict[str, list[str]]]:
    """Which tests check each rule: exercise -> rule id -> tests, none where nobody checks it."""
    table: dict[str, dict[str, list[str]]] = {}
    for exercise in course.exercises:
        table[exercise.name] = {rule: [] for rule in exercise.rules}
        for test, rules in (exercise.public_rules | exercise.hidden_rules).items():
            for rule in rules:
                table[exercise.name].setdefault(rule, []).append(test)
    return table


def pack_digest(course: Course) -> str:
    """A digest of what decides a mark: course, exercises, hidden tests, and what students' tests are tried on.

    Raises:
        CourseError: a file cannot be read.
    """
    root = course.root
    files = [root / "course.yaml", *_files_below(root / "exercises")]
    files += [exercise.hidden_tests for exercise in course.exercises if exercise.hidden_tests]
    files += [file for exercise in course.exercises if exercise.student_tests for file in known_files(exercise)]
    problems: list[Problem] = []
    digest = hashlib.sha256()
    for name, path in sorted((name_in(root, path), path) for path in files):
        content = read_file(path, root, problems) or b""
        for part in (os.fsencode(name), content):
            digest.update(len(part).to_bytes(8, "big") + part)  # lengths, so that no byte changes its place unseen
    _raise_if_any(problems)
    return f"sha256:{digest.hexdigest()}"


def known_files(exercise: Exercise) -> Iterator[Path]:
    """What the tests of students are tried on."""
    if exercise.solution is not None:
        yield from exercise.solution.glob(f"{exercise.name}.py")
        for kind in ("correct", "faulty"):
            yield from exercise.solution.glob(f"{kind}/*.py")


def _files_below(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "__pycache__"]
        paths = (Path(place, name) for name in files if not name.startswith("."))
        yield from (path for path in paths if path.is_file())


def _raise_if_any(problems: list[Problem]) -> None:
    if problems:
        raise CourseError(sorted(problems, key=lambda problem: (problem.file, problem.line or 0)))


# --- course.yaml -----------------------------------------------------------------------------


def _listed_exercises(root: Path, listed: Value) -> list[Exercise]:
    exercises: dict[str, Exercise] = {}
    for item in listed.items():
        fields = item.fields(["name", "points"])
        worth = points(fields["points"])
        name = fields["name"].text()
        if name in exercises:
            fields["name"].report(f"is {quoted(name)} a second time; list each exercise once")
        elif name and _is_there(root, name, fields["name"]):
            exercise, own = read_exercise(root / "exercises" / name, listed.problems)
            exercises[name] = exercise
            if differ(worth, exercise.points):
                fields["points"].report(
                    f"is {worth:g}, but {own.file}:{own.line} says {exercise.points:g}; make them equal"
                )
    return list(exercises.values())


def _is_there(root: Path, name: str, value: Value) -> bool:
    if not is_name(name):
        value.report(f"is {quoted(name)}; an exercise's name must be a Python name, as `threaded_sum` is")
        return False
    if (root / "exercises" / name).is_dir():
        return True
    there = [path.parent.name for path in sorted(root.glob("exercises/*/exercise.yaml"))]
    remedy = suggestion(name, there, "create it or take it off the list")
    value.report(f"is {quoted(name)}, but the folder exercises/{name} is missing; {remedy}")
    return False
