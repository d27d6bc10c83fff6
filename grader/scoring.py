"""The points of each verdict as it comes in, and who else is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from grader.course import Exercise
from grader.planning import Case
from grader.plugins import plugin_manager
from grader.results import GRADERS_FAULT, STUDENT_TESTS, TestResult, is_points


class Progress(Protocol):
    """Told how a grading goes on."""

    def started(self, total: int) -> None:
        """So many tests are going to be run."""

    def finished(self, exercise: str, test: TestResult) -> None:
        """A verdict has come in."""


class Scorer:
    """Gives each verdict its points as it comes in, and tells whoever wants to know."""

    def __init__(self, cases: Sequence[Case], progress: Progress | None) -> None:
        self._exercises = {case.exercise.name: case.exercise for case in cases}
        self._progress = progress
        if progress is not None:
            progress.started(sum(len(case.tests) for case in cases if case.status == "graded"))

    def __call__(self, name: str, test: TestResult) -> TestResult:
        """The verdict on a test of the exercise `name` with its points; a `grader.session.Listener`."""
        if test.name == STUDENT_TESTS:
            return test  # a bonus gets its points when all others have theirs
        hook = plugin_manager().hook
        test = _with_points(test, self._exercises[name])
        hook.grader_test_finished(exercise=name, test=test)
        if self._progress is not None:
            self._progress.finished(name, test)
        return test


def _with_points(test: TestResult, exercise: Exercise) -> TestResult:
    points = plugin_manager().hook.grader_points(test=test, exercise=exercise)
    if is_points(points) and points <= test.max_score:
        return msgspec.structs.replace(test, score=float(points))
    # Whatever does not add up exactly would be one number in this report and another in that.
    reason = f"a plug-in gave {points} of {test.max_score:g} points; a multiple of 0.25 up to that is asked for"
    fault = {"verdict": "inconclusive", "reason": reason, "evidence": {"kind": GRADERS_FAULT}}
    return msgspec.structs.replace(test, score=0.0, **fault)
