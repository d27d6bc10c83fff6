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


class PlannedExercise(msgspec.Struct, frozen=True):
    """An exercise to test: what to run, on which file."""

    name: str
    file: str
    test_files: list[str]
    defines: dict[str, str]
    limits: dict[str, int | float]
    rules: dict[str, str]
    tests: list[PlannedTest]


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
    illustrated: bool = False
    """Whether to gather what only pictures need, too."""
    schedule: str = ""
    """The only schedule to run under; empty: many."""


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a session's output: the environment, a verdict, a fault of the grader's, or the end."""

    environment: dict[str, Any] | None = None
    exercise: str = ""
    test: TestResult | None = None
    fault: str = ""
    done: bool = False
