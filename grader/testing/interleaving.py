"""A story as data, for those who draw it: which thread did what at which line, in order, and what each waits for.

The evidence `interleaving` of a test that failed under a schedule:

    {"threads": [name, ...],
     "steps": [{"thread": 1, "file": "sum.py", "line": 18, "source": "self.total += part", "did": ["reads ..."]},
               {"left_out": 7}, ...],
     "ends": [{"thread": 1, "file": ..., "line": ..., "source": ..., "holds": ["`lock`"], "waits_for": "..."}],
     "error": {"thread": 1, "text": "ValueError: ..."} or None}
"""

from __future__ import annotations

from typing import Any

from grader.testing.story_form import Quote, is_story, quoted, safe, short_names, shorter

_LONGEST_NAME = 60


def interleaving(story: Any, source: Quote) -> dict[str, Any]:
    """The story as data; empty if it is malformed, or there is nothing in it.

    Args:
        story: as `grader.student.world.recording` makes it; not trusted.
        source: gives the text of a line of a file.
    """
    try:
        return _as_data(story, source) if is_story(story) and (story["rows"] or story["waits"]) else {}
    except Exception:  # whatever has been overlooked: a verdict must not depend on its illustration
        return {}


def place(at: dict[str, Any], source: Quote) -> dict[str, Any]:
    """Where a thread was: its number, file, line and the line's text."""
    file = safe(at["file"].rpartition("/")[2], 30)
    return {"thread": at["task"], "file": file, "line": at["line"], "source": quoted(at, source)}


def _as_data(story: dict[str, Any], source: Quote) -> dict[str, Any]:
    names = [safe(name, _LONGEST_NAME) for name in story["tasks"]]
    short = short_names(names)
    error = story["error"]
    return {
        "threads": names,
        "steps": [
            {"left_out": row["elided"]}
            if "elided" in row
            else place(row, source) | {"did": [safe(shorter(text, short)) for text in row["did"]]}
            for row in story["rows"]
        ],
        "ends": [
            place(wait, source)
            | {"holds": [safe(held, 80) for held in wait["holds"]], "waits_for": safe(shorter(wait["for"], short))}
            for wait in story["waits"]
        ],
        "error": None if error is None else {"thread": error[0], "text": safe(error[1])},
    }
