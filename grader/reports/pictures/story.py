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
        "play": _play(test),
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
    """Each thing that was done, in order: its row and place, by whom, and what it changes of what is known."""
    return [
        {"row": row, "at": at, "thread": threads.index(step["thread"]), "effect": effect(did)}
        for row, step in enumerate(steps)
        for at, did in enumerate(step.get("did", []))
    ]


def effect(did: str) -> list[str]:
    """What is known when a thread has done this, told in the words of the story.

    Returns:
        ["value", name, value], ["takes", lock], ["gives", lock], ["waits", for what], or nothing.
    """
    if found := _VALUE.fullmatch(did):
        return ["value", found[1], found[2]]
    if found := _TAKES.fullmatch(did):
        return ["takes", found[1]]
    if found := _GIVES.fullmatch(did):
        return ["gives", found[1]]
    if found := _WAITS.fullmatch(did):
        return ["waits", found[1]]
    return []


def _bounded(node: dict[str, Any], nodes: int, lines: int) -> dict[str, Any]:
    """A node that points to what is there: evidence that is too large has been cut somewhere."""
    found = node | {"did": [at for at in node["did"] if 0 <= at < lines]}
    if "next" in node:
        found["next"] = {thread: to for thread, to in node["next"].items() if 0 < to < nodes}
    return found


def _play(test: TestResult) -> dict[str, Any] | None:
    """What a reader can choose, with only those threads that ever do something."""
    play = test.evidence.get("play")
    if not play or len(play["nodes"]) < 3:
        return None
    nodes = [_bounded(node, len(play["nodes"]), len(play["lines"])) for node in play["nodes"]]
    ends = [node["end"] for node in nodes if "end" in node]
    seen = sorted({line[0] for line in play["lines"]} | {thread for node in nodes for thread in node.get("can", [])})
    return {
        "threads": {str(thread): play["threads"][thread] for thread in seen},
        "lines": [[*line, effect(line[3])] for line in play["lines"]],
        "reasons": play["reasons"],
        "nodes": nodes,
        "complete": play["complete"],
        "ways": len(ends),
        "broken": ends.count("failed"),
    }
