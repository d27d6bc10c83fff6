"""Puts the reference's speed-up beside a submission's, for pictures; only where there is a reference to be run."""

from __future__ import annotations

from typing import Any

import msgspec

from grader.course import Course
from grader.grading import grade
from grader.results import ExerciseResult, Result, TestResult
from grader.settings import Look


def with_reference(result: Result, course: Course, tier: str | None = None) -> Result:
    """The result, with the reference's points in each speed-up curve: `curve["reference"]`.

    The reference is run for the tests that have one; no verdict is changed.

    Args:
        result: with what pictures need.
        course: graded with.
        tier: as the submission was confined.
    """
    return msgspec.structs.replace(result, exercises=[_exercise(one, course, tier) for one in result.exercises])


def _exercise(exercise: ExerciseResult, course: Course, tier: str | None) -> ExerciseResult:
    drawn = tuple(test.name for test in exercise.tests if _points(test))
    solution = course.exercise(exercise.name).solution
    reference = solution / f"{exercise.name}.py" if solution else None
    if not drawn or reference is None or not reference.is_file():
        return exercise
    graded = grade(reference, course, [exercise.name], tier, look=Look(drawn, illustrated=True)).exercises[0]
    points = {test.name: _points(test) for test in graded.tests}
    return msgspec.structs.replace(exercise, tests=[_test(test, points.get(test.name, [])) for test in exercise.tests])


def _test(test: TestResult, reference: list[Any]) -> TestResult:
    if not reference or not _points(test):
        return test
    curve = test.evidence["curve"] | {"reference": reference}
    return msgspec.structs.replace(test, evidence=test.evidence | {"curve": curve})


def _points(test: TestResult) -> list[Any]:
    curve = test.evidence.get("curve")
    points = curve.get("points") if isinstance(curve, dict) else None
    return points if isinstance(points, list) else []
