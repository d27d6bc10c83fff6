"""The form `gradescope`: `results.json`, as an autograder of Gradescope's leaves it.

Hidden tests become visible when the marks are published. What is not decided has no status: Gradescope knows two.
"""

from __future__ import annotations

import json
from typing import Any

from grader.reports import safe
from grader.reports.message import message
from grader.reports.wording import counted, exact, number
from grader.results import ExerciseResult, Result, TestResult

_VISIBILITY = {"public": "visible", "hidden": "after_published"}


def render(result: Result) -> bytes:
    """The result as JSON in UTF-8."""
    tests = [(exercise, test) for exercise in result.exercises for test in exercise.tests]
    data = {
        "score": exact(result.score),
        "execution_time": round(sum(test.duration for _, test in tests), 3),
        "output": safe.for_terminal(_output(result)),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "max_score": exact(result.max_score),
            "inconclusive": exact(result.inconclusive),
            "flags": [safe.for_terminal(flag) for flag in result.flags],
            "pack": safe.for_terminal(result.pack),
            "digest": safe.for_terminal(result.digest),
        },
        "tests": [_test(test, exercise, count) for count, (exercise, test) in enumerate(tests, 1)],
    }
    return f"{safe.in_json(json.dumps(data, ensure_ascii=False, indent=2))}\n".encode()


def _output(result: Result) -> str:
    lines = list(result.notes)
    for exercise in result.exercises:
        lines.append(f"{exercise.name}: {number(exercise.score)}/{number(exercise.max_score)}")
        if exercise.status != "graded":
            lines.append(f"  {exercise.status}: {exercise.reason}")
        lines += [f"  note: {note}" for note in exercise.notes if note not in result.notes]
    if result.inconclusive:
        lines.append(f"{counted(result.inconclusive, 'point')} not decided, flagged for your instructor")
    return "\n".join(lines)


def _test(test: TestResult, exercise: ExerciseResult, count: int) -> dict[str, Any]:
    undecided = test.verdict == "inconclusive"
    return {
        "score": exact(test.score),
        "max_score": exact(test.max_score),
        **({} if undecided else {"status": test.verdict}),
        "name": safe.on_one_line(safe.for_terminal(f"{exercise.name}: {test.name}")),
        "number": str(count),
        "output": safe.for_terminal(message(test, exercise)),
        "output_format": "text",
        "tags": [safe.on_one_line(safe.for_terminal(test.group)), *["inconclusive"] * undecided],
        "visibility": _VISIBILITY[test.visibility],
    }
