"""A story as data: whole, safe, and nothing at all where its form is not what it should be."""

from __future__ import annotations

from typing import Any

import pytest

from grader.testing.interleaving import interleaving

LOST: dict[str, Any] = {
    "tasks": ["MainThread", "Thread-1 (work)", "Thread-2 (work)"],
    "rows": [
        {"task": 1, "file": "/course/sum.py", "line": 8, "did": ["reads self.total: 0"]},
        {"elided": 3},
        {"task": 2, "file": "/course/sum.py", "line": 8, "did": ["sees the end of Thread-1 (work)"]},
    ],
    "waits": [
        {"task": 1, "file": "/course/sum.py", "line": 9, "for": "lock `a`, held by Thread-2 (work)", "holds": ["`b`"]}
    ],
    "error": [2, "ValueError: no"],
}


def source(file: str, line: int) -> str:
    return {8: "  self.total += 1", 9: "with a:"}.get(line, "")


def test_a_story_is_told_as_data() -> None:
    assert interleaving(LOST, source) == {
        "threads": ["MainThread", "Thread-1 (work)", "Thread-2 (work)"],
        "steps": [
            {"thread": 1, "file": "sum.py", "line": 8, "source": "self.total += 1", "did": ["reads self.total: 0"]},
            {"left_out": 3},
            {"thread": 2, "file": "sum.py", "line": 8, "source": "self.total += 1",
             "did": ["sees the end of Thread-1"]},
        ],
        "ends": [
            {"thread": 1, "file": "sum.py", "line": 9, "source": "with a:", "holds": ["`b`"],
             "waits_for": "lock `a`, held by Thread-2"},
        ],
        "error": {"thread": 2, "text": "ValueError: no"},
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"tasks": None}, {"rows": [{"task": 9, "file": "", "line": 1, "did": []}]}, {"rows": "x"}, {"error": [7, "x"]},
        {"waits": [{"task": 0}]}, {"rows": [{"task": 0, "file": "", "line": -1, "did": []}]},
    ],
)  # fmt: skip
def test_a_malformed_story_is_none(change: dict[str, Any]) -> None:
    assert interleaving(LOST | change, source) == {}


@pytest.mark.parametrize("found", [None, [], "story", {}, LOST | {"rows": [], "waits": []}])
def test_no_story_is_none(found: Any) -> None:
    assert interleaving(found, source) == {}


def test_text_of_the_students_is_safe() -> None:
    hostile = LOST | {"tasks": ["\x1b[31m", "a\u202eb", "c\nd"], "error": [0, "\x07" * 3]}
    told = interleaving(hostile, lambda file, line: "\x1b]0;x\x07")
    assert told["threads"] == [r"\x1b[31m", r"a\u202eb", r"c\nd"]
    assert told["error"]["text"] == r"\x07\x07\x07" and told["steps"][0]["source"] == r"\x1b]0;x\x07"


def test_a_source_that_fails_is_no_line() -> None:
    def broken(file: str, line: int) -> str:
        raise OSError

    assert interleaving(LOST, broken)["steps"][0]["source"] == ""
