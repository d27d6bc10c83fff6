"""What may be believed of a story that the student process tells: its form is checked, its text made safe to show.

Nothing about it is taken for granted: it was recorded in the student's own process.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

Quote = Callable[[str, int], str]
"""Gives the text of a line of a file, by a name that is not to be trusted; "" if there is none."""

_MOST_TASKS = 2_000
_MOST_ROWS = 200
_MOST_DONE = 20
_MOST_WAITS = 50
_LONGEST = 200
_LAST_LINE = 1_000_000
_TASK_KEYS = {"task": int, "file": str, "line": int}
_PYTHONS = re.compile(r"\bThread-\d{1,6} \([^()]*\)")


def is_story(story: Any) -> bool:
    """Whether it has the form in which `grader.student.world.telling` makes stories."""
    if type(story) is not dict or not {"tasks", "rows", "waits", "error"} <= story.keys():
        return False
    tasks, rows, waits, error = story["tasks"], story["rows"], story["waits"], story["error"]
    return (
        is_list(tasks, _MOST_TASKS, lambda name: type(name) is str)
        and is_list(rows, _MOST_ROWS, lambda row: _is_row(row, len(tasks)))
        and is_list(waits, _MOST_WAITS, lambda wait: _is_wait(wait, len(tasks)))
        and (error is None or _is_error(error, len(tasks)))
    )


def is_list(found: Any, most: int, is_item: Callable[[Any], bool]) -> bool:
    """Whether it is a list of at most so many items of some kind."""
    return type(found) is list and len(found) <= most and all(map(is_item, found))


def _is_at(found: Any, tasks: int) -> bool:
    return (
        type(found) is dict
        and all(type(found.get(key)) is kind for key, kind in _TASK_KEYS.items())
        and 0 <= found["task"] < tasks
        and 0 <= found["line"] <= _LAST_LINE
    )


def _is_row(row: Any, tasks: int) -> bool:
    if type(row) is dict and row.keys() == {"elided"}:
        return type(row["elided"]) is int and 0 < row["elided"] <= _LAST_LINE
    return _is_at(row, tasks) and is_list(row.get("did"), _MOST_DONE, lambda did: type(did) is str)


def _is_wait(wait: Any, tasks: int) -> bool:
    return (
        _is_at(wait, tasks)
        and type(wait.get("for")) is str
        and is_list(wait.get("holds"), _MOST_WAITS, lambda held: type(held) is str)
    )


def _is_error(error: Any, tasks: int) -> bool:
    return type(error) is list and [type(part) for part in error] == [int, str] and 0 <= error[0] < tasks


def safe(text: str, longest: int = _LONGEST) -> str:
    """On one line, cut, without anything that a terminal would obey or a reader not see."""
    text = "".join(char if _is_seen(char) else ascii(char)[1:-1] for char in text[:longest])
    return text if len(text) <= longest else text[:longest]


def _is_seen(char: str) -> bool:
    return char.isprintable()  # no control, no mark of direction, nothing without width, no space but the one


def quoted(at: dict[str, Any], source: Quote) -> str:
    """The line of code that a row or a wait is at; "" if there is none."""
    try:
        text = source(at["file"], at["line"]) if at["line"] else ""
    except Exception:
        return ""
    return safe(text.strip().expandtabs(1)) if isinstance(text, str) else ""


def short_names(names: list[str]) -> dict[str, str]:
    """Python calls a thread `Thread-1 (work)`; where it is clear without, the part in parentheses is left out."""
    found = {name: name.partition(" (")[0] for name in names if _PYTHONS.fullmatch(name)}
    taken = Counter([*found.values(), *names])
    return {name: short for name, short in found.items() if taken[short] == 1}


def shorter(text: str, short: dict[str, str]) -> str:
    """What was done, with the thread that it names called by its short name."""
    found = _PYTHONS.search(text[:_LONGEST])
    name = found[0] if found is not None else ""
    return text.replace(name, short[name]) if name in short else text
