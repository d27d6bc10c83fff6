"""`grade compare`: whose mark differs, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.batch.attempts import BatchError
from grader.batch.compare import compare, read_gradebook
from grader.gradebook import Adjustment, Cell, Column, Gradebook, Row, to_json


def row(student: str, score: float, failed: tuple[str, ...] = (), **changes: Any) -> Row:
    cells = {"one": Cell(score, 0.0, "graded", "", list(failed))}
    made = Row(student, student, {}, cells, score, score, 10.0, 0.0, [])
    return msgspec.structs.replace(made, **changes)


def book(*rows: Row) -> Gradebook:
    return Gradebook("Threads", [Column("one", "One", 10.0)], list(rows))


def test_nothing_is_told_of_those_who_have_not_changed() -> None:
    assert compare(book(row("a", 1.0)), book(row("a", 1.0))) == "No mark differs.\n"


def test_it_is_told_whose_mark_has_changed_and_why() -> None:
    old = book(row("a", 1.0, ("test_x", "test_y")), row("b", 5.0), row("c", 3.0), row("e", 2.0))
    new = book(
        row("a", 3.0, ("test_y",)),
        row("b", 4.0, adjustments=[Adjustment(-1.0, "1 day late")], flags=["1 day late"]),
        row("d\x1b[31m", 9.0),
        row("e", 2.0, ("test_z",)),
    )
    told = compare(old, new)
    assert told.splitlines() == [
        "a: 1 -> 3 of 10",
        "  one: 1 -> 3: no longer fails: x",
        "b: 5 -> 4 of 10",
        "  one: 5 -> 4",
        "  now: 1 day late (-1)",
        "  now flagged: 1 day late",
        "c: only in the old one",
        "  3 of 10",
        r"d\x1b[31m: only in the new one",
        "  9 of 10",
        "e: 2 of 10",
        "  one: 2 -> 2: failed now: z",
        "5 students of 5 changed, 1 of them for the better",
    ]


def test_a_gradebook_is_read_from_a_file_or_its_folder(tmp_path: Path) -> None:
    (tmp_path / "gradebook.json").write_bytes(to_json(book(row("a", 1.0))))
    assert read_gradebook(tmp_path) == read_gradebook(tmp_path / "gradebook.json") == book(row("a", 1.0))
    with pytest.raises(BatchError, match="give the OUT of `grade batch`"):
        read_gradebook(tmp_path / "nowhere")
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(BatchError, match="is no gradebook"):
        read_gradebook(tmp_path / "other.json")
