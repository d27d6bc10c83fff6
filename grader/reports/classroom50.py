"""The form `classroom50`: `result.json`, as Classroom 50's runner takes it (`classroom50/result/v1`).

Its points are whole numbers. Ours are multiples of a quarter, so each point counts four there, always: totals agree
exactly, and the same mark is the same number whatever the exercise. `points` of a test gives ours beside it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from grader.reports import CannotRender, safe
from grader.reports.message import message
from grader.reports.wording import exact
from grader.results import ExerciseResult, Result, TestResult

A_POINT = 4
FROM_RUNNER = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "assignment_type": "ASSIGNMENT_TYPE",
    "owner": "OWNER",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}


def render(result: Result, environment: Mapping[str, str] = os.environ, now: datetime | None = None) -> bytes:
    """The result as JSON in UTF-8.

    Args:
        result: of one submission.
        environment: with what the runner tells.
        now: the time of grading; None: now.

    Raises:
        CannotRender: the runner has not told everything, or the points are no multiples of a quarter.
    """
    missing = [name for name in FROM_RUNNER.values() if not environment.get(name)]
    if missing:
        raise CannotRender(f"{', '.join(missing)} not set; Classroom 50's runner sets them for autograder.py")
    at = (now or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    data: dict[str, Any] = {"schema": "classroom50/result/v1"}
    data |= {key: safe.on_one_line(safe.for_terminal(environment[name])) for key, name in FROM_RUNNER.items()}
    data |= {
        "datetime": at,
        "graded_at": at,
        "score": _whole(result.score),
        "max-score": _whole(result.max_score),
        "tests": [_test(test, exercise) for exercise in result.exercises for test in exercise.tests],
    }
    return f"{safe.in_json(json.dumps(data, ensure_ascii=False, indent=2))}\n".encode()


def _test(test: TestResult, exercise: ExerciseResult) -> dict[str, Any]:
    return {
        "test-name": safe.on_one_line(safe.for_terminal(f"{exercise.name}: {test.name}")),
        "passed": test.verdict == "passed",
        "score": _whole(test.score),
        "max-score": _whole(test.max_score),
        "inconclusive": test.verdict == "inconclusive",
        "points": exact(test.score),
        "flags": [safe.for_terminal(str(flag)) for flag in test.evidence.get("flags", [])],
        "message": safe.for_terminal(message(test, exercise, printed=False)),
    }


def _whole(points: float) -> int:
    quarters = points * A_POINT
    if quarters != int(quarters) or quarters < 0:
        raise CannotRender(f"{points} points are no multiple of a quarter, which is what Classroom 50 is given as 1")
    return int(quarters)
