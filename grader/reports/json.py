"""The form `json`: the result as data."""

from __future__ import annotations

from grader.reports import safe
from grader.results import Result, to_json


def render(result: Result) -> bytes:
    """The result as indented JSON; `grader.results.from_json` reads the very same again."""
    return safe.in_json(to_json(result).decode()).encode()
