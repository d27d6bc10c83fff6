"""The course as data: exercises, their groups of tests and points, and the problems found on the way there."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.course_marking import Policy

PUBLIC_TESTS = "test_public.py"
HIDDEN_TESTS = "test_hidden.py"

_LONGEST_QUOTE = 60


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a course, and its remedy."""

    file: str
    """Path from the course's root, with slashes."""
    line: int | None
    """None where no line is to blame, as for a file that is missing."""
    message: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.message}"


class CourseError(Exception):
    """The course cannot be used as it is; as text one line for each problem.

    Args:
        problems: everything that was found.
    """

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


@dataclass(frozen=True)
class Group:
    """Tests that are marked together."""

    name: str
    points: float
    tests: dict[str, float]
    """Points by the test's name, in the order listed."""


@dataclass(frozen=True)
class StudentTests:
    """How the tests that a student writes are marked: a bonus, which fills up points that are missing."""

    points: float
    enough: float
    """The share of the faulty submissions that has to be caught for all points, above 0 and up to 1."""
    but: tuple[str, ...] = ()
    """Groups: a faulty submission that only their tests catch need not be caught."""


@dataclass(frozen=True)
class Exercise:
    """One task: where its files are, what it asks for and how it is marked."""

    name: str
    title: str
    points: float
    folder: Path
    defines: dict[str, str]
    """What a submission must define: name -> "function" or "class"."""
    limits: dict[str, float | int]
    """Only those given in `exercise.yaml`."""
    rules: dict[str, str]
    """The sentences of the contract by their ids."""
    hints: dict[str, tuple[str, ...]]
    """By rule, from gentle to plain."""
    groups: tuple[Group, ...]
    solution: Path | None
    """None in a student's copy."""
    student_tests: StudentTests | None = None
    """None: the exercise does not ask for any."""
    public_rules: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """What `test_public.py` defines: test -> ids of the rules it checks."""
    hidden_rules: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """What `test_hidden.py` defines; empty where it is absent."""

    @property
    def stub(self) -> Path:
        """The file a student fills in."""
        return self.folder / f"{self.name}.py"

    @property
    def public_tests(self) -> Path:
        """The tests a student may read."""
        return self.folder / PUBLIC_TESTS

    @property
    def hidden_tests(self) -> Path | None:
        """The tests a student does not get; None where they are absent."""
        path = self.solution / HIDDEN_TESTS if self.solution else None
        return path if path and path.is_file() else None

    def test_points(self, name: str) -> float:
        """The points of a listed test.

        Raises:
            KeyError: `exercise.yaml` does not list it.
        """
        return self._group(name).tests[name]

    def group_of(self, name: str) -> str:
        """The name of the group in which a test is listed.

        Raises:
            KeyError: `exercise.yaml` does not list it.
        """
        return self._group(name).name

    def rules_of(self, test_name: str) -> tuple[str, ...]:
        """The ids of the rules that a test checks; none where the test's file is absent."""
        return self.public_rules.get(test_name) or self.hidden_rules.get(test_name, ())

    def public_test_names(self) -> tuple[str, ...]:
        """The listed tests that `test_public.py` defines, in the order listed."""
        return tuple(name for name in self._listed() if name in self.public_rules)

    def hidden_test_names(self) -> tuple[str, ...]:
        """The other listed tests, in the order listed; known by name even where their file is absent."""
        return tuple(name for name in self._listed() if name not in self.public_rules)

    def _listed(self) -> list[str]:
        return [name for group in self.groups for name in group.tests]

    def _group(self, test_name: str) -> Group:
        for group in self.groups:
            if test_name in group.tests:
                return group
        raise KeyError(test_name)


@dataclass(frozen=True)
class Course:
    """The pack: its exercises in order."""

    title: str
    root: Path
    exercises: tuple[Exercise, ...]
    policy: Policy | None = None
    """How points become marks; None: they are the marks."""
    sealed: bool = False
    """Its tests came out of a sealed file: nothing of their text is kept or shown."""

    def exercise(self, name: str) -> Exercise:
        """The exercise of that name.

        Raises:
            CourseError: there is none; says which name comes near.
        """
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        known = [exercise.name for exercise in self.exercises]
        message = f"no exercise {quoted(name)}; {suggestion(name, known)}"
        raise CourseError([Problem("course.yaml", None, message)])


def quoted(text: str) -> str:
    """Text in double quotes, on one line and of bearable length."""
    return json.dumps(text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "...", ensure_ascii=False)


def suggestion(name: str, known: Collection[str], otherwise: str = "") -> str:
    """A remedy for an unknown name: the known one that comes near.

    Args:
        name: what was found.
        known: what could have been meant.
        otherwise: said where nothing comes near; if empty, all that is known is listed.
    """
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean {quoted(near[0])}?"
    return otherwise or f"known: {', '.join(known)}"


def name_in(root: Path, path: Path) -> str:
    """How to name a file in a report: its path from the course's root, with slashes."""
    return path.relative_to(root).as_posix()


def read_file(path: Path, root: Path, problems: list[Problem]) -> bytes | None:
    """What a file of the course holds; None, and a report, where it cannot be read."""
    try:
        if path.is_file():
            return path.read_bytes()
        fault = "is not a file" if path.exists() else "file is missing"
        message = f"{fault}; create it, or restore it from the release"
    except OSError as error:
        message = f"file cannot be read ({error.strerror}); check who may read it"
    problems.append(Problem(name_in(root, path), None, message))
    return None
