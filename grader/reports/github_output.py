"""The form `github-output`: the step output `result` that GitHub Classroom's reporter reads.

The reporter decodes it, adds up the tests' points, and prints names and messages into its own log: hence none of
them is a workflow command.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from grader.reports import safe
from grader.reports.message import message
from grader.reports.places import file_of, line_of
from grader.reports.wording import exact
from grader.results import ExerciseResult, Result, TestResult

_ROOM = 90_000
"""Characters: a workflow hands it on in one variable of the environment, and Linux allows 128 KiB for each."""
_LENGTHS = (4_000, 1_000, 250, 60, 0)
_STATUS = {"passed": "pass", "failed": "fail", "inconclusive": "error"}


def render(result: Result) -> bytes:
    """The line for the file that `GITHUB_OUTPUT` names. Base64 has no newline that could begin another output."""
    return f"result={encoded(result)}\n".encode()


def encoded(result: Result, files: Mapping[str, str] | None = None) -> str:
    """The result for Classroom's reporter: base64 of JSON.

    Args:
        result: of one submission.
        files: exercise -> its file, from the top of the repository; absent: as a submission of several holds it.
    """
    text = ""
    for longest in _LENGTHS:
        text = base64.b64encode(json.dumps(_data(result, files or {}, longest)).encode()).decode()
        if len(text) <= _ROOM:
            break
    return text


def _data(result: Result, files: Mapping[str, str], longest: int) -> dict[str, Any]:
    return {
        "version": 1,
        "status": _status(result),
        "max_score": exact(result.max_score),
        "tests": [
            _test(test, exercise, files.get(exercise.name, file_of(exercise)), longest)
            for exercise in result.exercises
            for test in exercise.tests
        ],
    }


def _status(result: Result) -> str:
    verdicts = {test.verdict for exercise in result.exercises for test in exercise.tests}
    return "fail" if "failed" in verdicts else "error" if "inconclusive" in verdicts else "pass"


def _test(test: TestResult, exercise: ExerciseResult, file: str, longest: int) -> dict[str, Any]:
    return {
        "name": safe.on_one_line(safe.for_ci_log(f"{exercise.name}: {test.name}")),
        "status": _STATUS[test.verdict],
        "score": exact(test.score),
        "max_score": exact(test.max_score),
        "message": safe.for_ci_log(message(test, exercise, printed=False)[:longest]),
        "test_code": safe.for_ci_log(test.rule[:longest]),
        "filename": safe.on_one_line(safe.for_ci_log(file)),
        "line_no": line_of(test, exercise) or 0,
        "duration": test.duration,
    }
