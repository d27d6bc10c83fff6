"""The form `json`: the result as data."""

from __future__ import annotations

from grader.results import Result, to_json


def render(result: Result) -> bytes:
    """The result as indented JSON; `grader.results.from_json` reads it again."""
    return to_json(result)
