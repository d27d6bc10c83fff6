"""Checks a pack against its known submissions: do the tests say of each what they should?

The reference and the correct variants must pass everything, the stub must get nothing, and a faulty
submission must fail the tests that its head names, and no others than it allows.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course, Exercise
from grader.grading import grade
from grader.results import ExerciseResult

_KEYS = ("wrong", "fails", "may fail")
Check = Callable[[ExerciseResult], list[str]]


class HeaderError(Exception):
    """A faulty submission's header cannot be used; the message names file and remedy."""


@dataclass(frozen=True)
class Header:
    """What the head of a faulty submission says of it."""

    wrong: str
    fails: frozenset[str]
    """Tests that must fail."""
    may_fail: frozenset[str]
    """Tests that may go either way; every other one must pass."""


def read_header(file: Path) -> Header:
    """Reads the comment lines at the top: `# wrong: ...`, `# fails: a, b`, `# may fail: c`.

    A line that starts with no key goes on with the line before.

    Raises:
        HeaderError: `wrong` or `fails` is missing.
    """
    fields: dict[str, str] = {}
    key = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        text = line.lstrip("# ").rstrip()
        head, colon, rest = text.partition(":")
        if colon and head in _KEYS:
            key, text = head, rest
        if key:
            fields[key] = f"{fields.get(key, '')} {text}".strip()
    for needed in ("wrong", "fails"):
        if not fields.get(needed):
            raise HeaderError(f"{file}: the head has no `# {needed}: ...` line; add it")
    return Header(fields["wrong"], _names(fields["fails"]), _names(fields.get("may fail", "")))


def disagreements(header: Header, result: ExerciseResult) -> list[str]:
    """Where a faulty submission's verdicts are not what its header says; empty if all are."""
    verdicts = {test.name: test.verdict for test in result.tests}
    found = [f"{name}: no such test" for name in sorted((header.fails | header.may_fail) - verdicts.keys())]
    for name, verdict in verdicts.items():
        if verdict == "inconclusive":
            found.append(f"{name}: inconclusive")
        elif name in header.fails and verdict == "passed":
            found.append(f"{name}: must fail and passed")
        elif verdict == "failed" and name not in header.fails | header.may_fail:
            found.append(f"{name}: must pass and failed")
    return found


def not_passed(result: ExerciseResult) -> list[str]:
    """The tests that a correct submission has not passed, with the reasons."""
    return [f"{test.name}: {test.verdict}: {test.reason}" for test in result.tests if test.verdict != "passed"]


def check_exercise(exercise: Exercise, course: Course, each: int = 1) -> Iterator[tuple[Path, list[str]]]:
    """Grades the known submissions of an exercise, several at a time.

    Args:
        exercise: with its solution folder.
        course: it belongs to.
        each: 1 for all of them; n for stub, reference and one in n of the others.

    Yields:
        each file, with what is wrong about its verdicts.

    Raises:
        HeaderError: a faulty submission does not say what it is.
    """
    known = list(_checks(exercise))
    checks = dict(known[:2] + known[2::each])

    def wrong(file: Path) -> list[str]:
        return checks[file](_graded(file, exercise, course))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from zip(checks, pool.map(wrong, checks), strict=True)


def _checks(exercise: Exercise) -> Iterator[tuple[Path, Check]]:
    """Every known submission, with what finds fault with its result."""
    if exercise.solution is None:
        return
    yield exercise.stub, lambda result: [f"the stub gets {result.score:g} points"] if result.score else []
    yield exercise.solution / f"{exercise.name}.py", not_passed
    for file in sorted(exercise.solution.glob("correct/*.py")):
        yield file, not_passed
    for file in sorted(exercise.solution.glob("faulty/*.py")):
        header = read_header(file)
        yield file, lambda result, header=header: disagreements(header, result)  # type: ignore[misc]


def _graded(file: Path, exercise: Exercise, course: Course) -> ExerciseResult:
    """The result of one file, handed in under the exercise's name."""
    with tempfile.TemporaryDirectory(prefix="threadlab-") as folder:
        handed_in = Path(folder) / f"{exercise.name}.py"
        handed_in.write_bytes(file.read_bytes())
        return grade(handed_in, course).exercises[0]


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())
