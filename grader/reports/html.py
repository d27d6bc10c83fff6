"""The form `html`: one page that tells everything, with pictures; it needs no network, and no scripts to be read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from grader.reports.failures import Failure, failures
from grader.reports.pictures import Picture, pictures_of
from grader.reports.terminal import Hints
from grader.results import ExerciseResult, Result, TestResult

_LONGEST = 6_000
_MOST_TO_PLAY = 400_000
"""Characters of all that a page holds to play with."""
_MARKS = {"passed": "✓", "failed": "✗", "inconclusive": "?"}


@dataclass(frozen=True)
class Told:
    """One cause as the page shows it."""

    tests: tuple[TestResult, ...]
    rules: tuple[str, ...]
    reason: str
    hints: tuple[str, ...]
    pictures: list[Picture]
    printed: str
    replay: str
    """The command that shows the same again; empty if there is none."""


def render(result: Result, hints: Hints | None = None) -> bytes:
    """The page, in UTF-8.

    Args:
        result: of one submission.
        hints: gives the hints of a rule; None: those that the result carries.
    """
    from grader.reports.markup import page

    exercises = [_exercise(exercise, hints or _carried(exercise)) for exercise in result.exercises]
    _within_bounds(exercises)
    return page("report.html", result=result, exercises=exercises, marks=_MARKS, environment=_environment(result))


def _carried(exercise: ExerciseResult) -> Hints:
    return lambda _, rule: tuple(exercise.hints.get(rule, ()))


def _exercise(exercise: ExerciseResult, hints: Hints) -> dict[str, Any]:
    whole = exercise.max_score or 1.0
    return {
        "result": exercise,
        "share": 100 * exercise.score / whole,
        "undecided": 100 * exercise.inconclusive / whole,
        "groups": [_group(name, list(tests)) for name, tests in groupby(exercise.tests, key=lambda test: test.group)],
        "failed": [_told(exercise.name, one, hints) for one in _of(exercise, "failed")],
        "inconclusive": [_told(exercise.name, one, hints) for one in _of(exercise, "inconclusive")],
        "passed": [(test, pictures_of(test)) for test in exercise.tests if test.verdict == "passed"],
    }


def _within_bounds(exercises: list[dict[str, Any]]) -> None:
    """Leaves out what there is to play where the page would grow too large; `grade replay` has it all."""
    left = _MOST_TO_PLAY
    for told in (told for exercise in exercises for told in exercise["failed"]):
        for picture in told.pictures:
            if picture.data.get("play"):
                left -= len(json.dumps(picture.data["play"]))
                if left < 0:
                    picture.data["play"] = None


def _of(exercise: ExerciseResult, verdict: str) -> list[Failure]:
    return failures(test for test in exercise.tests if test.verdict == verdict)


def _group(name: str, tests: list[TestResult]) -> dict[str, Any]:
    return {
        "name": name,
        "tests": tests,
        "score": sum(test.score for test in tests),
        "max_score": sum(test.max_score for test in tests),
    }


def _told(exercise: str, failure: Failure, hints: Hints) -> Told:
    first = failure.tests[0]
    reason = failure.reason.rstrip()
    return Told(
        tests=failure.tests,
        rules=failure.rules,
        reason=reason if len(reason) <= _LONGEST else reason[:_LONGEST] + " …",
        hints=tuple(dict.fromkeys(hint for rule in failure.rules for hint in hints(exercise, rule))),
        pictures=pictures_of(first),
        printed=_printed(failure.tests),
        replay=f"grade replay {first.name.removeprefix('test_')}:{first.evidence['schedule']}"
        if isinstance(first.evidence.get("schedule"), str)
        else "",
    )


def _printed(tests: tuple[TestResult, ...]) -> str:
    """What was printed in the first public test that printed; in hidden ones it could give away what they hand over."""
    for test in tests:
        output = str(test.evidence.get("output", "")).strip()
        if output and test.visibility == "public":
            return output if len(output) <= _LONGEST else "… " + output[-_LONGEST:]
    return ""


def _environment(result: Result) -> list[tuple[str, str]]:
    found = result.environment
    gil = "" if found.get("gil", True) else ", without the GIL"
    lines = [
        ("Python", f"{found.get('python', '')}{gil}"),
        ("Machine", f"{found.get('system', '')}, {found.get('cores', '?')} cores"),
        ("Tier of confinement", f"{found.get('tier', '')}: {', '.join(found.get('guarantees', [])) or 'nothing'}"),
        ("Course", result.pack[:16]),
        ("Submission's digest", result.digest[:16]),
    ]
    return [(name, text) for name, text in lines if text.strip(" ,:?")]
