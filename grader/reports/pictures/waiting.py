"""The picture `waiting`: who waits for what that who holds; a circle in it is the deadlock."""

from __future__ import annotations

import math
import re
from typing import Any

from grader.reports.pictures import Picture
from grader.results import TestResult

_LOCK = re.compile(r"(?:the lock of |lock )?(`?[^`]+?`?(?: \([^()]*\))?)(?:, held by (.+))?")
_END = re.compile(r"the end of (.+)")
_RADIUS = 105
_WIDE, _HIGH = 460, 320


def picture(test: TestResult) -> Picture | None:
    """The wait-for graph of a deadlock in the controlled world, with each thread's place."""
    told = test.evidence.get("interleaving")
    if not told or not told["ends"]:
        return None
    threads = [
        {"name": told["threads"][end["thread"]], "line": end["line"], "file": end["file"], "source": end["source"],
         "holds": [_plain(held) for held in end["holds"]], "waits_for": end["waits_for"]}
        for end in told["ends"]
    ]  # fmt: skip
    circle = _circle(threads)
    names = " waits for what is held by ".join(circle[0::2])
    summary = f"A circle: {names}, and so round" if circle else "Every thread waits, and nobody is left to wake one"
    title = "Who waits for whom: a circle" if circle else "Who waits for what"
    return Picture("waiting", title, summary, {"threads": threads, **_drawn(circle)})


def _plain(name: str) -> str:
    return name.replace("`", "")


def _short(name: str) -> str:
    return name.partition(" (")[0]


def _needs(thread: dict[str, Any], threads: list[dict[str, Any]]) -> tuple[str, dict[str, Any]] | None:
    """What a thread waits for, and the one of the threads that it is waiting for thereby."""
    if found := _END.fullmatch(thread["waits_for"]):
        other = next((one for one in threads if _short(one["name"]) == _short(found[1])), None)
        return ("its end", other) if other is not None else None
    found = _LOCK.fullmatch(thread["waits_for"])
    if not found:
        return None
    name = _plain(found[1])
    holders = [one for one in threads if name in one["holds"]]
    if not holders and found[2]:
        holders = [one for one in threads if _short(one["name"]) == _short(found[2])]
    if not holders and found[2] == "itself":
        holders = [thread]
    return (name, holders[0]) if holders else None


def _circle(threads: list[dict[str, Any]]) -> list[str]:
    """The circle, if there is one: thread, what it waits for, the thread that has it, ..."""
    for start in threads:
        path: list[str] = []
        thread = start
        for _ in threads:
            need = _needs(thread, threads)
            if need is None:
                break
            path += [thread["name"], need[0]]
            thread = need[1]
            if thread is start:
                return path
    return []


def _drawn(circle: list[str]) -> dict[str, Any]:
    """Nodes on a ring, threads and what they wait for in turn, and the arrows between them."""
    count = len(circle)
    centre = (_WIDE / 2, _HIGH / 2)
    nodes = []
    for at, name in enumerate(circle):
        angle = 2 * math.pi * at / count - math.pi / 2 if count > 2 else math.pi * (at + 1)
        nodes.append({
            "name": _short(name) if at % 2 == 0 else name,
            "is_thread": at % 2 == 0,
            "x": round(centre[0] + 1.35 * _RADIUS * math.cos(angle), 1),
            "y": round(centre[1] + _RADIUS * math.sin(angle), 1),
        })  # fmt: skip
    arrows = []
    for at, node in enumerate(nodes):
        to = nodes[(at + 1) % count]
        arrows.append({**_between(node, to), "held": not node["is_thread"]})
    return {"nodes": nodes, "arrows": arrows, "width": _WIDE, "height": _HIGH}


def _between(node: dict[str, Any], to: dict[str, Any]) -> dict[str, float]:
    """A line from the edge of one node to the edge of the other."""
    dx, dy = to["x"] - node["x"], to["y"] - node["y"]
    length = math.hypot(dx, dy) or 1.0

    def clear(one: dict[str, Any]) -> float:
        half_wide, half_high = (58, 19) if one["is_thread"] else (46, 17)
        return min(half_wide / abs(dx / length) if dx else 1e9, half_high / abs(dy / length) if dy else 1e9)

    start, end = clear(node) + 3, length - clear(to) - 7
    return {
        "x1": round(node["x"] + dx * start / length, 1), "y1": round(node["y"] + dy * start / length, 1),
        "x2": round(node["x"] + dx * end / length, 1), "y2": round(node["y"] + dy * end / length, 1),
    }  # fmt: skip
