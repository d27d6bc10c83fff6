"""The form `github`: workflow commands, as a step of GitHub's prints them.

Errors at the student's lines, then the two notices from which GitHub Classroom takes the points.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.reports import safe
from grader.reports.failures import failures
from grader.reports.message import message
from grader.reports.places import file_of, line_of
from grader.reports.wording import number, test_name
from grader.results import ExerciseResult, Result, TestResult

_MOST = 10
"""More errors, or warnings, of one step are not shown."""
_LONGEST = 4_000


def render(result: Result) -> bytes:
    """Annotations and notices, a line each."""
    lines = [*errors(result), *warnings(result), *notices(result)]
    return "".join(f"{line}\n" for line in lines).encode()


def notices(result: Result) -> list[str]:
    """The points, for people and for Classroom; none where there are no points to be had."""
    if not result.max_score:
        return []
    score, max_score = number(result.score), number(result.max_score)
    return [
        f"::notice title=Autograding complete::Points {score}/{max_score}",
        f'::notice title=Autograding report::{{"totalPoints":{score},"maxPoints":{max_score}}}',
    ]


def warnings(result: Result) -> list[str]:
    """Commands that show the instructor what is flagged."""
    lines = [
        f"::warning title=Flagged for your instructor::{safe.for_command(flag[:_LONGEST])}" for flag in result.flags
    ]
    return lines[:_MOST]


def errors(result: Result, files: Mapping[str, str] | None = None) -> list[str]:
    """Commands that put each failure beside the student's line, one for each cause.

    Args:
        result: of one submission.
        files: exercise -> its file, from the top of the repository; absent: as a submission of several holds it.
    """
    known = files or {}
    found = [
        _error(failure.tests[0], exercise, known.get(exercise.name, file_of(exercise)))
        for exercise in result.exercises
        if exercise.status != "not started"
        for failure in failures(test for test in exercise.tests if test.verdict == "failed")
    ]
    if (rest := len(found) - _MOST + 1) > 1:
        found[_MOST - 1 :] = [f"::error title=More::and {rest} failures more; see the summary of the job"]
    return found


def _error(test: TestResult, exercise: ExerciseResult, file: str) -> str:
    line = line_of(test, exercise)
    title = exercise.status if exercise.status != "graded" else test_name(test.name)
    place = {"file": file, "line": str(line) if line else "", "title": title}
    properties = ",".join(f"{key}={safe.for_command_property(value)}" for key, value in place.items() if value)
    return f"::error {properties}::{safe.for_command(message(test, exercise, printed=False)[:_LONGEST])}"
