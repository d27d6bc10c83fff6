"""Tells how a schedule went: the threads side by side, what each did at which line, and who waits for whom in the end.

What is told was recorded in the student process, so nothing about it is taken for granted: its form is checked, and
each string is cut and made safe to show.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Callable
from typing import Any, NamedTuple

from grader.testing.story_form import is_story, quoted, safe, short_names, shorter

_MOST_COLUMNS = 3
_STEP = 4
"""Columns by which a thread's rows are indented where there are too many threads for columns."""
_LINES_EACH = 3
"""At most so many lines for one thing that was done."""
_NARROWEST = 40
_NARROWEST_COLUMN = 25


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
        if not is_story(story):
            return []
        return _told(story, source, max(width, _NARROWEST))
    except Exception:  # whatever has been overlooked: a verdict must not depend on its illustration
        return []


# --- room on a terminal ----------------------------------------------------------------------------


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
    names = [safe(name, 60) for name in story["tasks"]]
    files = {entry["file"] for entry in [*story["rows"], *story["waits"]] if entry.get("file")}
    short = short_names(names)
    rows = [_row(row, source, len(files) > 1, short) for row in story["rows"]]
    involved = sorted({row.task for row in rows if row.task >= 0})
    fits = len(involved) <= _MOST_COLUMNS and width >= _NARROWEST_COLUMN * len(involved)
    lines = (_in_columns if fits else _in_steps)(rows, involved, names, width) if involved else []
    ending = _ending(story, names, source, len(files) > 1, width, short)
    return [*lines, *([""] if lines and ending else []), *ending]


def _row(row: dict[str, Any], source: Callable[[str, int], str], names_file: bool, short: dict[str, str]) -> _Row:
    if "elided" in row:
        return _Row(-1, f"... {row['elided']} more ...", "", [])
    did = [safe(shorter(text, short)) for text in row["did"]]
    return _Row(row["task"], quoted(row, source), _number(row, names_file), did)


def _number(at: dict[str, Any], names_file: bool) -> str:
    if not at["line"]:
        return ""
    file = safe(at["file"].rpartition("/")[2], 30)
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
        where = f"line {_number(wait, names_file)}: {quoted(wait, source)}" if wait["line"] else ""
        holds = ", ".join(safe(held, 80) for held in wait["holds"])
        lines.append(_cut(names[wait["task"]] + (f", {where}" if where else ""), width))
        if holds:
            lines += ["    " + line for line in _wrapped(f"holds     {holds}", width - 4)]
        lines += ["    " + line for line in _wrapped(f"waits for {safe(shorter(wait['for'], short))}", width - 4)]
    if story["error"] is not None:
        task, text = story["error"]
        lines += _wrapped(f"{names[task]} ends with {safe(text)}", width)
    return lines
