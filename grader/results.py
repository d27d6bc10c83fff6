"""The result model: what one grading came to, as data and as JSON.

Points are multiples of a quarter, so that floats add up exactly, in every order.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import msgspec

SCHEMA = "threadlab/result/v1"

PUBLIC_ONLY = "Only the public tests are here; the hidden ones are run by your instructor."
"""The note on a result that was made without hidden tests."""

GRADERS_FAULT = "grader's fault"
"""The kind of evidence of a test that was not decided because the grader itself failed."""

STUDENT_TESTS = "tests_by_student"
"""Name and group of the verdict on the tests that a student has written; its points are a bonus."""

LEAST_CHANGE = 1e-6
"""Points by which a policy can change a mark; less comes of thirds, which no float holds."""

Verdict = Literal["passed", "failed", "inconclusive"]
Visibility = Literal["public", "hidden"]


class TestResult(msgspec.Struct, frozen=True):
    """The verdict on one test."""

    __test__ = False  # not a test class of pytest's

    name: str
    group: str
    visibility: Visibility
    verdict: Verdict
    score: float
    max_score: float
    reason: str
    """What was done and what was seen; empty if it passed."""
    rule: str
    """The sentence of the contract that the test checks; several are separated by a newline."""
    evidence: dict[str, Any]
    duration: float
    """Seconds; for interest, part of no verdict."""


class ExerciseResult(msgspec.Struct, frozen=True):
    """The verdicts on one exercise."""

    name: str
    title: str
    score: float
    max_score: float
    inconclusive: float
    """Points not decided."""
    status: str
    """"graded", "not started", or what kept the whole exercise from being tested."""
    reason: str
    """Why, where it was not graded; else empty."""
    tests: list[TestResult]
    notes: list[str] = []
    hints: dict[str, list[str]] = {}
    """By the sentence of a rule that a test found broken: its hints, from gentle to plain."""
    flags: list[str] = []
    """What the program has tried that no honest one does; for the instructor."""


class Change(msgspec.Struct, frozen=True):
    """What a course's policy, or an instructor, has done to the points earned."""

    points: float
    reason: str
    max_points: float = 0.0
    """What it has done to the most there is."""


class Result(msgspec.Struct, frozen=True):
    """What one grading of one submission came to."""

    submission: str
    score: float
    max_score: float
    inconclusive: float
    exercises: list[ExerciseResult]
    environment: dict[str, Any]
    pack: str
    """A digest of the course: tests, rubric and stubs."""
    digest: str = ""
    """A digest of the submission's files, as copied at intake."""
    notes: list[str] = []
    flags: list[str] = []
    """Of all exercises, each with its name."""
    changes: list[Change] = []
    """With them, the points of all exercises are `score` and `max_score`; none where no policy was applied."""
    schema: str = SCHEMA


def exercise_result(
    name: str,
    title: str,
    tests: list[TestResult],
    status: str = "graded",
    reason: str = "",
    notes: list[str] | None = None,
    hints: dict[str, list[str]] | None = None,
) -> ExerciseResult:
    """An exercise's result, its points added up from its tests."""
    return ExerciseResult(
        name=name,
        title=title,
        score=_sum(tests, lambda test: test.score),
        max_score=_sum(tests, lambda test: test.max_score),
        inconclusive=_sum(tests, lambda test: test.max_score if test.verdict == "inconclusive" else 0.0),
        status=status,
        reason=reason,
        tests=tests,
        notes=notes or [],
        hints=hints or {},
        flags=list(dict.fromkeys(str(flag) for test in tests for flag in test.evidence.get("flags", []))),
    )


def result(submission: str, exercises: list[ExerciseResult], **fields: Any) -> Result:
    """A submission's result, its points added up from its exercises."""
    return Result(
        submission=submission,
        score=_sum(exercises, lambda exercise: exercise.score),
        max_score=_sum(exercises, lambda exercise: exercise.max_score),
        inconclusive=_sum(exercises, lambda exercise: exercise.inconclusive),
        exercises=exercises,
        flags=[f"{exercise.name}: {flag}" for exercise in exercises for flag in exercise.flags],
        **fields,
    )


def is_points(value: float) -> bool:
    """Whether this can be points: a multiple of a quarter that is not below 0."""
    return math.isfinite(value) and value >= 0 and (value * 4).is_integer()


def to_json(value: Result) -> bytes:
    """The result as JSON, indented, ending with a newline."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def from_json(data: bytes) -> Result:
    """The result that `to_json` wrote.

    Raises:
        msgspec.MsgspecError: `data` is none.
    """
    return msgspec.json.decode(data, type=Result)


def _sum(items: list[Any], points: Callable[[Any], float]) -> float:
    return float(sum(points(item) for item in items))
