"""The gradebook: who has how many points in what, as a model that every form of it is made from.

It holds nothing that differs between two runs over the same submissions: no time, no duration, no path of
this machine.
"""

from __future__ import annotations

import msgspec

SCHEMA = "threadlab/gradebook/v1"


class Column(msgspec.Struct, frozen=True):
    """An exercise of the course."""

    name: str
    title: str
    max_score: float


class Cell(msgspec.Struct, frozen=True):
    """What a student has in one exercise."""

    score: float | None
    """None: not graded yet."""
    inconclusive: float
    """Points not decided."""
    status: str
    reason: str
    failed: list[str] = []
    """The tests that failed."""
    undecided: list[str] = []
    """The tests that were not decided."""


class Adjustment(msgspec.Struct, frozen=True):
    """A change of a mark by the policy or by hand."""

    points: float
    reason: str


class AttemptMark(msgspec.Struct, frozen=True):
    """What one attempt came to, before any policy."""

    number: int
    source: str
    score: float | None
    counts: bool


class Row(msgspec.Struct, frozen=True):
    """One student."""

    student: str
    name: str
    """As the roster has it; else as `student`."""
    ids: dict[str, str]
    cells: dict[str, Cell]
    """By the exercise's name."""
    raw_score: float
    """The points earned, before any policy."""
    score: float | None
    """The mark; None: not all has been graded that would count."""
    max_score: float
    inconclusive: float
    flags: list[str]
    """What an instructor should look at."""
    adjustments: list[Adjustment] = []
    attempts: list[AttemptMark] = []
    notes: list[str] = []
    """What the student has been granted, where it changes no points: an extension, and why."""


class Gradebook(msgspec.Struct, frozen=True):
    """All students, sorted by name."""

    course: str
    columns: list[Column]
    rows: list[Row]
    notes: list[str] = []
    schema: str = SCHEMA


def to_json(book: Gradebook) -> bytes:
    """The gradebook as JSON, indented, ending with a newline."""
    return msgspec.json.format(msgspec.json.encode(book), indent=2) + b"\n"


def from_json(data: bytes) -> Gradebook:
    """The gradebook that `to_json` wrote.

    Raises:
        msgspec.MsgspecError: `data` is none.
    """
    return msgspec.json.decode(data, type=Gradebook)
