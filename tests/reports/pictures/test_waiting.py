"""The wait-for graph: a circle is found whoever it begins with, and nothing is drawn that was not seen."""

from __future__ import annotations

from typing import Any

from grader.reports.pictures.waiting import picture
from grader.results import TestResult


def end(thread: int, waits_for: str, *holds: str) -> dict[str, Any]:
    return {
        "thread": thread,
        "file": "sum.py",
        "line": 3,
        "source": "with a:",
        "holds": list(holds),
        "waits_for": waits_for,
    }


def drawn(*ends: dict[str, Any]) -> dict[str, Any]:
    told = {"threads": ["MainThread", "A (work)", "B (work)", "C"], "steps": [], "ends": list(ends), "error": None}
    found = picture(TestResult("test_a", "races", "hidden", "failed", 0.0, 1.0, "x", "y", {"interleaving": told}, 0.0))
    assert found is not None
    return found.data | {"summary": found.summary}


def names(data: dict[str, Any]) -> list[str]:
    return [node["name"] for node in data["nodes"]]


JOIN = end(0, "the end of A (work)")


def test_two_locks_taken_crosswise() -> None:
    data = drawn(JOIN, end(1, "lock `b`, held by B", "`a`"), end(2, "lock `a`, held by A", "`b`"))
    assert names(data) == ["A", "b", "B", "a"]
    assert [arrow["held"] for arrow in data["arrows"]] == [False, True, False, True]
    assert "A (work)" in data["summary"] and len(data["threads"]) == 3


def test_three_in_a_circle() -> None:
    data = drawn(
        end(1, "lock `b`, held by B", "`a`"), end(2, "lock `c`, held by C", "`b`"), end(3, "lock `a`, held by A", "`c`")
    )
    assert names(data) == ["A", "b", "B", "c", "C", "a"]


def test_a_thread_that_waits_for_itself() -> None:
    assert names(drawn(end(1, "lock `a`, held by itself", "`a`"))) == ["A", "a"]


def test_a_lock_and_a_join_make_a_circle() -> None:
    data = drawn(end(0, "the end of A (work)", "`a`"), end(1, "lock `a`, held by MainThread"))
    assert names(data) == ["MainThread", "its end", "A", "a"]


def test_without_a_circle_nothing_is_drawn_but_all_is_told() -> None:
    data = drawn(JOIN, end(1, "an item in `jobs`: it is empty"))
    assert data["nodes"] == [] and [thread["name"] for thread in data["threads"]] == ["MainThread", "A (work)"]


def test_all_nodes_lie_on_the_page() -> None:
    data = drawn(end(1, "lock `b`, held by B", "`a`"), end(2, "lock `a`, held by A", "`b`"))
    assert all(
        58 <= node["x"] <= data["width"] - 58 and 20 <= node["y"] <= data["height"] - 20 for node in data["nodes"]
    )
