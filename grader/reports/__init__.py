"""Forms in which a result can be written, one module for each, imported when it is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.results import Result


@dataclass(frozen=True)
class Report:
    """One form of a result. A plug-in may bring its own (`grader_reports`).

    Text of a result that came from a submission goes through `grader.reports.safe` on its way into any form.
    """

    name: str
    """What `grade` knows it by."""
    description: str
    """For whom or what it is, in a few words."""
    render: Callable[[Result], bytes]
    """The whole of a result in this form, as the bytes of a file."""


def _terminal(result: Result) -> bytes:
    from grader.reports import terminal

    return terminal.render(result)


def _json(result: Result) -> bytes:
    from grader.reports import json

    return json.render(result)


def _html(result: Result) -> bytes:
    from grader.reports import html

    return html.render(result)


def _trace(result: Result) -> bytes:
    from grader.reports import trace

    return trace.render(result)


SHIPPED: tuple[Report, ...] = (
    Report("terminal", "what failed and why, as plain text for a student", _terminal),
    Report("json", "everything, as data", _json),
    Report("trace", "timelines, for Perfetto or chrome://tracing", _trace),
    Report("html", "a page with pictures, for a browser or paper", _html),
)
