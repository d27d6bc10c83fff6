"""The form `markdown`: for the summary of a CI job or a comment on a pull request.

Everything that came from a submission is in a code span or a fence. It stays below what GitHub takes for a comment.
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.reports import safe
from grader.reports.failures import Failure, failures
from grader.reports.message import message
from grader.reports.wording import counted, number, test_name, unconfined
from grader.results import ExerciseResult, Result

_ROOM = 50_000
"""Characters: GitHub refuses a comment of more than 65,536, and the summary of a step above 1 MiB."""
_MOST_NAMES = 4


def render(result: Result) -> bytes:
    """The result as Markdown in UTF-8: a table of exercises, what failed and why, and apart what is not decided."""
    text = "\n".join([*_table(result), *_around(result)])
    left_out = 0
    for piece in _pieces(result):
        if left_out or len(text) + len(piece) > _ROOM:
            left_out += 1
        else:
            text += f"\n{piece}"
    if left_out:
        text += f"\n… and {counted(left_out, 'failure')} more that there is no room for; `grade` shows all.\n"
    return text.encode()


def _table(result: Result) -> Iterator[str]:
    yield f"## {number(result.score)} / {number(result.max_score)} points\n"
    yield "| Exercise | Points | Passed | Failed | Not decided |"
    yield "|---|--:|--:|--:|--:|"
    for exercise in result.exercises:
        verdicts = [test.verdict for test in exercise.tests]
        counts = " | ".join(str(verdicts.count(verdict)) for verdict in ("passed", "failed", "inconclusive"))
        points = f"{number(exercise.score)} / {number(exercise.max_score)}"
        yield f"| {safe.markdown_code(exercise.name)} | {points} | {counts} |"
    yield ""


def _around(result: Result) -> Iterator[str]:
    """What is true of the whole: points not decided, notes, what is flagged, confinement that was missing."""
    if result.inconclusive:
        yield f"{counted(result.inconclusive, 'point')} not decided, flagged for your instructor.\n"
    notes = [*result.notes, unconfined(result)]
    notes += [
        f"{exercise.name}: {note}"
        for exercise in result.exercises
        for note in exercise.notes
        if note not in result.notes
    ]
    notes += [f"Flagged for your instructor: {flag}" for flag in result.flags]
    notes = [note for note in notes if note]
    if notes:
        yield safe.markdown_fence("\n".join(notes))


def _pieces(result: Result) -> Iterator[str]:
    for exercise in result.exercises:
        name = safe.markdown_code(exercise.name)
        if exercise.status != "graded":
            told = f"{exercise.status}: {exercise.reason}".rstrip(": ")
            yield f"### {name}\n\n{safe.markdown_fence(told)}"
            continue
        heading = f"### {name}\n\n"
        for failure in failures(test for test in exercise.tests if test.verdict == "failed"):
            yield heading + _failure(failure, exercise)
            heading = ""
    for exercise in result.exercises:
        heading = f"### {safe.markdown_code(exercise.name)}, not decided\n\n"
        undecided = [test for test in exercise.tests if test.verdict == "inconclusive"]
        for failure in failures(undecided if exercise.status == "graded" else []):
            yield heading + _failure(failure, exercise)
            heading = ""


def _failure(failure: Failure, exercise: ExerciseResult) -> str:
    """The tests that one cause kept from passing, and the cause."""
    names = [
        f"{safe.markdown_code(test_name(test.name))} {number(test.score)} / {number(test.max_score)}"
        f"{' hidden' * (test.visibility == 'hidden')}"
        for test in failure.tests
    ]
    if (rest := len(names) - _MOST_NAMES) > 1:
        names[_MOST_NAMES:] = [f"and {rest} more for the same reason"]
    return ",\n".join(names) + "\n\n" + safe.markdown_fence(message(failure.tests[0], exercise))
