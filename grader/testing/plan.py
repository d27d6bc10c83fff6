"""What the grader and a test session tell each other: the plan in, events out."""

from __future__ import annotations

from typing import Any

import msgspec

from grader.results import TestResult, Visibility


class PlannedTest(msgspec.Struct, frozen=True):
    """A test to run, as the rubric has it."""

    name: str
    group: str
    visibility: Visibility
    points: float
    rule: str


class PlannedStudentTests(msgspec.Struct, frozen=True):
    """A student's own tests, and what they are tried on."""

    file: str
    correct: list[str]
    """Files of correct submissions, the reference among them."""
    faulty: list[str]
    points: float
    enough: float
    """The share of the faulty submissions that has to be caught for all points."""
    seed: str
    """Of the order in which they are tried."""


class PlannedExercise(msgspec.Struct, frozen=True):
    """An exercise to test: what to run, on which file."""

    name: str
    file: str
    test_files: list[str]
    defines: dict[str, str]
    limits: dict[str, int | float]
    rules: dict[str, str]
    tests: list[PlannedTest]
    student_tests: PlannedStudentTests | None = None


class Plan(msgspec.Struct, frozen=True):
    """What one session has to do."""

    submission: str
    """The folder with the copy."""
    scratch: str
    """A folder for temporary files."""
    rootdir: str
    masked: list[str]
    """Folders that the student process must not see."""
    tier: str | None
    exercises: list[PlannedExercise]
    until_failure: bool = False
    """Whether the first test that fails is the last one."""
    world: bool = True
    """Whether tests in the controlled world are run, too: they take most of the time."""
    lines: bool = False
    """Whether it is noted which lines are executed; not in the world, which executes the file anew each time."""
    stories: bool = True
    """Whether a failure in the world is told by its shortest schedule, which is looked for."""
    secret: bool = False
    """Nothing of the tests' text may be written or shown."""
    illustrated: bool = False
    """Whether to gather what only pictures need, too."""
    schedule: str = ""
    """The only schedule to run under; empty: many."""
    shares: dict[str, tuple[int, int]] = {}
    """By exercise, the descriptors of its `Share`; without one, all of its tests are this session's."""


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a session's output: the environment, a verdict, a fault of the grader's, or the end.

    `over` is said by a server of sessions: the last line of one of them has been sent, however it ended.
    """

    environment: dict[str, Any] | None = None
    exercise: str = ""
    test: TestResult | None = None
    fault: str = ""
    arcs: list[tuple[int, int]] | None = None
    """The lines of an exercise that were executed, each with the one before it."""
    first: str | None = None
    """The first test of an exercise is over, and was given up for this; empty: it was not."""
    done: bool = False
    over: bool = False
