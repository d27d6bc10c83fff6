"""The story in columns: rows, turns, and what each thing that was done changes of what is known."""

from __future__ import annotations

from typing import Any

import pytest

from grader.reports.pictures.story import effect, picture
from grader.results import TestResult

THREADS = ["MainThread", "Thread-1 (work)", "Thread-2 (work)"]


def step(thread: int, *did: str, line: int = 8) -> dict[str, Any]:
    return {"thread": thread, "file": "sum.py", "line": line, "source": "self.total += 1", "did": list(did)}


def drawn(steps: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    told = {"threads": THREADS, "steps": steps, "ends": [], "error": None}
    evidence = {"interleaving": told, "schedule": "8.2", **more}
    found = picture(TestResult("test_a", "races", "hidden", "failed", 0.0, 1.0, "x", "y", evidence, 0.0))
    assert found is not None
    return found.data


LOST = [
    step(1, "reads self.total: 0"),
    step(2, "reads self.total: 0", "writes self.total: 1"),
    step(1, "writes self.total: 1"),
]


def test_only_threads_that_do_something_have_a_column() -> None:
    assert drawn(LOST)["threads"] == ["Thread-1 (work)", "Thread-2 (work)"]


def test_turns_are_marked_and_a_line_that_goes_on() -> None:
    rows = drawn(LOST)["rows"]
    assert [row["column"] for row in rows] == [0, 1, 0]
    assert [row["turn"] for row in rows] == [False, True, True]
    assert [row["goes_on"] for row in rows] == [False, False, True]


def test_moments_are_told_in_order_with_their_place() -> None:
    moments = drawn([*LOST[:1], {"left_out": 4}, *LOST[1:]])["moments"]
    assert [(one["row"], one["at"], one["thread"]) for one in moments] == [(0, 0, 0), (2, 0, 1), (2, 1, 1), (3, 0, 0)]


@pytest.mark.parametrize(
    ("did", "known"),
    [
        ("reads self.total: 0", ["value", "self.total", "0"]),
        ("writes items[url]: <bytes: 3>", ["value", "items[url]", "<bytes: 3>"]),
        ("takes error_lock", ["takes", "error_lock"]),
        ("takes lock (lock 2) again", ["takes", "lock (lock 2)"]),
        ("gives back error_lock", ["gives", "error_lock"]),
        ("waits for total_lock, held by Thread-2", ["waits", "total_lock"]),
        ("waits on ready and gives back its lock", ["waits", "ready"]),
        ("takes a permit of slots: 1 left", []),
        ("starts Thread-1", []),
        ("gives a permit back to slots: 2 there", []),
    ],
)
def test_what_is_known_from_what_was_done(did: str, known: list[str]) -> None:
    assert effect(did) == known


def test_a_tree_that_was_cut_points_nowhere_else() -> None:
    play = {
        "threads": THREADS, "complete": False, "runs": 9, "reasons": [""], "lines": [[1, 8, "x", "reads x: 0"]],
        "nodes": [{"did": [0, 5], "can": [1, 2], "next": {"1": 1, "2": 77}}, {"did": [0], "end": "passed", "reason": 0},
                  {"did": []}],
    }  # fmt: skip
    shown = drawn(LOST, play=play)["play"]
    assert shown["nodes"][0]["next"] == {"1": 1} and shown["nodes"][0]["did"] == [0]


def test_what_there_is_to_play_names_only_those_who_play() -> None:
    play = {
        "threads": THREADS, "complete": True, "runs": 2, "reasons": ["", "broken"],
        "lines": [[1, 8, "x", "reads x: 0"], [2, 8, "x", "writes x: 1"]],
        "nodes": [{"did": [], "can": [1, 2], "next": {"1": 1, "2": 2}}, {"did": [0], "end": "failed", "reason": 1},
                  {"did": [1], "end": "passed", "reason": 0}],
    }  # fmt: skip
    shown = drawn(LOST, play=play)["play"]
    assert shown["threads"] == {"1": THREADS[1], "2": THREADS[2]}
    assert (shown["ways"], shown["broken"], shown["complete"]) == (2, 1, True)
    assert shown["lines"][1][-1] == ["value", "x", "1"]
