"""What a check came to, as data and as JSON."""

from __future__ import annotations

from typing import Any

import msgspec

SCHEMA = "threadlab/check/v1"


class SubmissionCheck(msgspec.Struct, frozen=True):
    """A known submission, and where its verdicts are not what they must be."""

    name: str
    kind: str
    score: float
    wrong: list[str]


class MutantCheck(msgspec.Struct, frozen=True):
    """One mutant of a reference, and what became of it."""

    id: str
    operator: str
    concurrency: bool
    """Whether its operator is one for threads."""
    line: int
    diff: str
    killed_by: str
    """The first test that failed; empty if it survived."""
    equivalent: str
    """Why no test can tell it from the reference, as judged in `mutants.yaml`; empty if it is not judged so."""


class CoverageCheck(msgspec.Struct, frozen=True):
    """How much of a reference the tests reach."""

    lines: int
    branches: int
    missed_lines: list[int]
    missed_branches: list[str]
    """In words: from which line to which one it never went."""


class ExerciseCheck(msgspec.Struct):
    """All that was found of one exercise."""

    name: str
    submissions: list[SubmissionCheck] = []
    mutants: list[MutantCheck] | None = None
    """None: they were not asked for."""
    coverage: CoverageCheck | None = None
    problems: list[str] = []
    """Each a reason why the exercise must not be released."""
    notes: list[str] = []
    """What an author may want to know; no reason against a release."""


class Changed(msgspec.Struct, frozen=True):
    """A verdict that was not the same each time."""

    exercise: str
    submission: str
    test: str
    first: str
    then: str
    round: int
    under: str


class CheckResult(msgspec.Struct):
    """What one check came to."""

    pack: str
    repeat: int
    load: int
    exercises: list[ExerciseCheck]
    changed: list[Changed] = []
    gradings: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    environment: dict[str, Any] = {}
    releasable: bool = False
    schema: str = SCHEMA

    def settle(self) -> None:
        """Works out whether the pack is releasable: all was looked at, and no reason was found against it."""
        self.releasable = not (self.interrupted or self.changed or any(one.problems for one in self.exercises))


def to_json(value: CheckResult) -> bytes:
    """The result as JSON, indented, ending with a newline."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
