"""Tells how a schedule went: the threads side by side, what each did at which line, and who waits for whom in the end.

What is told was recorded in the student process, so nothing about it is taken for granted: its form is checked, and
each string is cut and made safe to show.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

_MOST_COLUMNS = 3
_STEP = 4
"""Columns by which a thread's rows are indented where there are too many threads for columns."""
_MOST_TASKS = 2_000
_MOST_ROWS = 200
_MOST_DONE = 20
_MOST_WAITS = 50
_LONGEST = 200
_LAST_LINE = 1_000_000
_LINES_EACH = 3
"""At most so many lines for one thing that was done."""
_TASK_KEYS = {"task": int, "file": str, "line": int}
_NARROWEST = 40
_NARROWEST_COLUMN = 25
_PYTHONS = re.compile(r"\bThread-\d{1,6} \([^()]*\)")


class _Row(NamedTuple):
    task: int
    """-1: rows have been left out here."""
    text: str
    """The line of code, or that there is more."""
    number: str
    did: list[str]


def tell(story: dict[str, Any], source: Callable[[str, int], str], width: int = 100) -> list[str]:
    """The story as lines of text; none if it is malformed, or there is nothing to tell.

    Args:
        story: as `grader.student.world.recording` makes it; not trusted.
        source: gives the text of a line of a file, by a name that is not to be trusted either; "" if there is none.
        width: of the lines.
    """
    try:
        if not _is_story(story):
            return []
        return _told(story, source, max(width, _NARROWEST))
    except Exception:  # whatever has been overlooked: a verdict must not depend on its illustration
        return []


# --- the form of it --------------------------------------------------------------------------------


def _is_story(story: Any) -> bool:
    if type(story) is not dict or not {"tasks", "rows", "waits", "error"} <= story.keys():
        return False
    tasks, rows, waits, error = story["tasks"], story["rows"], story["waits"], story["error"]
    return (
        _is_list(tasks, _MOST_TASKS, lambda name: type(name) is str)
        and _is_list(rows, _MOST_ROWS, lambda row: _is_row(row, len(tasks)))
        and _is_list(waits, _MOST_WAITS, lambda wait: _is_wait(wait, len(tasks)))
        and (error is None or _is_error(error, len(tasks)))
    )


def _is_list(found: Any, most: int, is_item: Callable[[Any], bool]) -> bool:
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
    return _is_at(row, tasks) and _is_list(row.get("did"), _MOST_DONE, lambda did: type(did) is str)


def _is_wait(wait: Any, tasks: int) -> bool:
    return (
        _is_at(wait, tasks)
        and type(wait.get("for")) is str
        and _is_list(wait.get("holds"), _MOST_WAITS, lambda held: type(held) is str)
    )


def _is_error(error: Any, tasks: int) -> bool:
    return type(error) is list and [type(part) for part in error] == [int, str] and 0 <= error[0] < tasks


# --- text that may be shown --------------------------------------------------------------------------


def _safe(text: str, longest: int = _LONGEST) -> str:
    """On one line, cut, without anything that a terminal would obey or a reader not see."""
    text = "".join(char if _is_seen(char) else ascii(char)[1:-1] for char in text[:longest])
    return text if len(text) <= longest else text[:longest]


def _is_seen(char: str) -> bool:
    return char.isprintable()  # no control, no mark of direction, nothing without width, no space but the one


def _room(text: str) -> int:
    """Columns of a terminal that it takes."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _cut(text: str, width: int) -> str:
    if _room(text) <= width:
        return text
    left, at = width - 3, 0
    while (left := left - _columns(text[at])) >= 0:
        at += 1
    return text[:at].rstrip() + "..."


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _room(text))


def _wrapped(text: str, width: int, most: int = _LINES_EACH, indent: str = "  ") -> list[str]:
    """On lines of at most `width`, and at most so many lines; all but the first are indented."""
    if _room(text) != len(text):
        return [_cut(text, width)]
    margin = " " * (len(text) - len(text.lstrip(" ")))
    lines = textwrap.wrap(text.strip(), width, initial_indent=margin, subsequent_indent=indent, break_on_hyphens=False)
    if len(lines) > most:
        lines = [*lines[: most - 1], _cut(f"{lines[most - 1]} {lines[most].strip()}...", width)]
    return lines or [""]


# --- the layout ----------------------------------------------------------------------------------------


def _told(story: dict[str, Any], source: Callable[[str, int], str], width: int) -> list[str]:
    names = [_safe(name, 60) for name in story["tasks"]]
    files = {entry["file"] for entry in [*story["rows"], *story["waits"]] if entry.get("file")}
    short = _short_names(names)
    rows = [_row(row, source, len(files) > 1, short) for row in story["rows"]]
    involved = sorted({row.task for row in rows if row.task >= 0})
    fits = len(involved) <= _MOST_COLUMNS and width >= _NARROWEST_COLUMN * len(involved)
    lines = (_in_columns if fits else _in_steps)(rows, involved, names, width) if involved else []
    ending = _ending(story, names, source, len(files) > 1, width, short)
    return [*lines, *([""] if lines and ending else []), *ending]


def _short_names(names: list[str]) -> dict[str, str]:
    """Python calls a thread `Thread-1 (work)`; where it is clear without, the part in parentheses is left out."""
    found = {name: name.partition(" (")[0] for name in names if _PYTHONS.fullmatch(name)}
    taken = Counter([*found.values(), *names])
    return {name: short for name, short in found.items() if taken[short] == 1}


def _shorter(text: str, short: dict[str, str]) -> str:
    found = _PYTHONS.search(text[:_LONGEST])
    name = found[0] if found is not None else ""
    return text.replace(name, short[name]) if name in short else text


def _row(row: dict[str, Any], source: Callable[[str, int], str], names_file: bool, short: dict[str, str]) -> _Row:
    if "elided" in row:
        return _Row(-1, f"... {row['elided']} more ...", "", [])
    did = [_safe(_shorter(text, short)) for text in row["did"]]
    return _Row(row["task"], _quoted(row, source), _number(row, names_file), did)


def _quoted(at: dict[str, Any], source: Callable[[str, int], str]) -> str:
    try:
        text = source(at["file"], at["line"]) if at["line"] else ""
    except Exception:
        return ""
    return _safe(text.strip().expandtabs(1)) if isinstance(text, str) else ""


def _number(at: dict[str, Any], names_file: bool) -> str:
    if not at["line"]:
        return ""
    file = _safe(at["file"].rpartition("/")[2], 30)
    return f"{file}:{at['line']}" if names_file and file else str(at["line"])


def _block(row: _Row, width: int, margin: int, continued: bool) -> list[str]:
    """A row's lines: the line of code, and under it what was done.

    Args:
        row: to be told.
        width: there is.
        margin: for the number of the line.
        continued: whether the line of code has been begun before, and another thread came in between.
    """
    indent = " " * (margin + 1)
    head = f"{row.number.rjust(margin)} {row.text}"
    lines = [_cut(head, width - 10) + " (goes on)"] if continued else _wrapped(head, width, 2, indent + "    ")
    for text in row.did:
        lines += [indent + "  " + line for line in _wrapped(text, max(10, width - len(indent) - 2))]
    return lines


def _in_columns(rows: list[_Row], involved: list[int], names: list[str], width: int) -> list[str]:
    each = (width - 3 * (len(involved) - 1)) // len(involved)
    margin = max(len(row.number) for row in rows)
    lines = [
        " | ".join(_padded(_cut(names[task], each), each) for task in involved).rstrip(),
        "-+-".join("-" * each for _ in involved),
    ]
    current = -1
    last: dict[int, str] = {}
    for row in rows:
        if row.task < 0:
            lines += [_across(involved, each), row.text, _across(involved, each)]
            current, last = -1, {}
            continue
        if current not in (-1, row.task):
            lines.append(_across(involved, each))
        column = involved.index(row.task)
        continued = current != row.task and last.get(row.task) == row.number
        for line in _block(row, each, margin, continued):
            cells = [""] * len(involved)
            cells[column] = line
            lines.append(" | ".join(_padded(cell, each) for cell in cells).rstrip())
        current, last[row.task] = row.task, row.number
    return lines


def _across(involved: list[int], each: int) -> str:
    return " | ".join(" " * each for _ in involved).rstrip()


def _in_steps(rows: list[_Row], involved: list[int], names: list[str], width: int) -> list[str]:
    step = min(_STEP, (width - _NARROWEST) // len(involved)) if width > _NARROWEST else 0
    margin = max(len(row.number) for row in rows)
    lines: list[str] = []
    current = -1
    last: dict[int, str] = {}
    for row in rows:
        if row.task < 0:
            lines.append(row.text)
            current, last = -1, {}
            continue
        indent = " " * (step * involved.index(row.task))
        if row.task != current:
            lines.append(indent + _cut(names[row.task] + ":", width - len(indent)))
        continued = current != row.task and last.get(row.task) == row.number
        lines += [(indent + line).rstrip() for line in _block(row, width - len(indent), margin + 2, continued)]
        current, last[row.task] = row.task, row.number
    return lines


def _ending(
    story: dict[str, Any],
    names: list[str],
    source: Callable[[str, int], str],
    names_file: bool,
    width: int,
    short: dict[str, str],
) -> list[str]:
    """Who holds and who waits for what, or the exception that ended it."""
    lines: list[str] = []
    for wait in story["waits"]:
        where = f"line {_number(wait, names_file)}: {_quoted(wait, source)}" if wait["line"] else ""
        holds = ", ".join(_safe(held, 80) for held in wait["holds"])
        lines.append(_cut(names[wait["task"]] + (f", {where}" if where else ""), width))
        if holds:
            lines += ["    " + line for line in _wrapped(f"holds     {holds}", width - 4)]
        lines += ["    " + line for line in _wrapped(f"waits for {_safe(_shorter(wait['for'], short))}", width - 4)]
    if story["error"] is not None:
        task, text = story["error"]
        lines += _wrapped(f"{names[task]} ends with {_safe(text)}", width)
    return lines
