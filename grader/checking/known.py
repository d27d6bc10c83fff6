"""The known submissions of an exercise: which there are, and what the verdicts on each must be.

The reference and the correct variants pass everything, the stub gets nothing, and a faulty submission fails
the tests that its head names, and no others than it allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader.checking.headers import Header, read_header
from grader.course import Exercise
from grader.results import ExerciseResult

Kind = Literal["stub", "reference", "correct", "faulty"]


class Uncheckable(Exception):
    """A course that cannot be checked as it is; the message names what is missing, and where it belongs."""


@dataclass(frozen=True)
class Known:
    """One submission of which is known what must become of it."""

    exercise: Exercise
    kind: Kind
    file: Path
    header: Header | None = None
    """Of a faulty one."""

    @property
    def may_fail(self) -> frozenset[str]:
        """The tests that may go either way."""
        return self.header.may_fail if self.header else frozenset()

    @property
    def name(self) -> str:
        """How it is called in a report: "reference", "faulty/waves.py"."""
        return self.kind if self.kind in ("stub", "reference") else f"{self.kind}/{self.file.name}"


def known_submissions(exercise: Exercise, each: int = 1) -> list[Known]:
    """All known submissions of an exercise, stub and reference first.

    Args:
        exercise: of a course with its solutions.
        each: 1 for all of them; n for stub, reference and one in n of the others.

    Raises:
        Uncheckable: solution or reference is not there.
        HeaderError: a faulty submission does not say what it is.
    """
    folder = exercise.folder.parents[1] / "solutions" / exercise.name
    reference = folder / f"{exercise.name}.py"
    for file, what in ((folder, "no solution"), (reference, "no reference")):
        if not file.exists():
            raise Uncheckable(f"{file}: {what} is here; `grade check` is for a course with its solutions: put it there")
    correct = [Known(exercise, "correct", file) for file in sorted(folder.glob("correct/*.py"))]
    faulty = [Known(exercise, "faulty", file, read_header(file)) for file in sorted(folder.glob("faulty/*.py"))]
    return [
        Known(exercise, "stub", exercise.stub),
        Known(exercise, "reference", reference),
        *[*correct, *faulty][::each],
    ]


def what_is_wrong(known: Known, result: ExerciseResult) -> list[str]:
    """Where the verdicts on a known submission are not what they must be; empty if all are."""
    if known.kind == "stub":
        return [f"the stub gets {result.score:g} points"] if result.score else []
    return not_passed(result) if known.header is None else disagreements(known.header, result)


def disagreements(header: Header, result: ExerciseResult) -> list[str]:
    """Where a faulty submission's verdicts are not what its header says; empty if all are."""
    verdicts = {test.name: test.verdict for test in result.tests}
    found = [f"{name}: no such test" for name in sorted((header.fails | header.may_fail) - verdicts.keys())]
    for name, verdict in verdicts.items():
        if name in header.may_fail:
            continue
        if verdict == "inconclusive":
            found.append(f"{name}: inconclusive")
        elif name in header.fails and verdict == "passed":
            found.append(f"{name}: must fail and passed")
        elif verdict == "failed" and name not in header.fails:
            found.append(f"{name}: must pass and failed")
    return found


def not_passed(result: ExerciseResult) -> list[str]:
    """The tests that a correct submission has not passed, with the reasons."""
    return [f"{test.name}: {test.verdict}: {test.reason}" for test in result.tests if test.verdict != "passed"]
