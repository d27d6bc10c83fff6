"""The picture `story`: the failing schedule in columns, a moment at a time, with values, locks and who waits."""

from __future__ import annotations

import re
from typing import Any

from grader.reports.pictures import Picture
from grader.reports.wording import counted
from grader.results import TestResult

_VALUE = re.compile(r"(?:reads|writes) (.+?): (.+)")
_TAKES = re.compile(r"takes (?!a permit)(.+?)(?: again)?")
_GIVES = re.compile(r"gives back (.+)")
_WAITS = re.compile(r"(?:waits (?:for|on)|does not get) (.+?)(?: again)?(?:, held by .*| and gives back its lock)?")


def picture(test: TestResult) -> Picture | None:
    """The story of a test that failed under a schedule."""
    told = test.evidence.get("interleaving")
    if not told or not told["steps"]:
        return None
    threads = sorted({step["thread"] for step in told["steps"] if "thread" in step})
    rows = _rows(told["steps"], threads)
    error = told["error"]
    data = {
        "threads": [told["threads"][thread] for thread in threads],
        "rows": rows,
        "moments": _moments(told["steps"], threads),
        "error": {"thread": told["threads"][error["thread"]], "text": error["text"]} if error else None,
        "schedule": str(test.evidence.get("schedule", "")),
    }
    summary = f"{counted(len(rows), 'step')} of {counted(len(threads), 'thread')}, in the order in which they were made"
    return Picture("story", "The threads take turns like this", summary, data)


def _rows(steps: list[dict[str, Any]], threads: list[int]) -> list[dict[str, Any]]:
    """The steps, each with its column, and whether the thread goes on with the line it was in."""
    rows: list[dict[str, Any]] = []
    last: dict[int, int] = {}
    before = -1
    for step in steps:
        if "left_out" in step:
            rows.append({"left_out": step["left_out"]})
            before, last = -1, {}
            continue
        thread = step["thread"]
        rows.append({
            "column": threads.index(thread),
            "line": step["line"],
            "source": step["source"],
            "did": step["did"],
            "goes_on": before != thread and last.get(thread) == step["line"],
            "turn": before not in (-1, thread),
        })  # fmt: skip
        before, last[thread] = thread, step["line"]
    return rows


def _moments(steps: list[dict[str, Any]], threads: list[int]) -> list[dict[str, Any]]:
    """What is known after each thing that was done: values, who holds which lock, who waits for what."""
    state = State()
    moments = []
    for row, step in enumerate(steps):
        for at, did in enumerate(step.get("did", [])):
            state.take(threads.index(step["thread"]), did)
            moments.append({"row": row, "at": at, **state.as_data()})
    return moments


class State:
    """What a reader knows of values, locks and waits from what has been told so far."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._locks: dict[str, int] = {}
        self._waits: dict[int, str] = {}

    def take(self, thread: int, did: str) -> None:
        """Takes in one thing that a thread did, in the words of the story."""
        self._waits.pop(thread, None)
        if found := _VALUE.fullmatch(did):
            self._values[found[1]] = found[2]
        elif found := _TAKES.fullmatch(did):
            self._locks[found[1]] = thread
        elif found := _GIVES.fullmatch(did):
            self._locks.pop(found[1], None)
        elif found := _WAITS.fullmatch(did):
            self._waits[thread] = found[1]

    def as_data(self) -> dict[str, Any]:
        """As it is now."""
        return {
            "values": dict(self._values),
            "locks": dict(self._locks),
            "waits": {str(thread): what for thread, what in self._waits.items()},
        }
