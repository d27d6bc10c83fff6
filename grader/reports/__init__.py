"""Forms in which a result can be written, one module for each, imported when it is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

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
    """The whole of a result in this form, as the bytes of a file; may raise `CannotRender`."""
    is_commands: bool = False
    """Made of workflow commands, which are for a CI runner to obey; every other form is kept from being taken so."""


class CannotRender(Exception):
    """A result cannot be had in some form; the message says what is missing, for the user."""


def _shipped(name: str, description: str, is_commands: bool = False) -> Report:
    """A form whose module bears its name."""

    def render(result: Result) -> bytes:
        module = import_module(f"{__name__}.{name.replace('-', '_')}")
        rendered: bytes = module.render(result)
        return rendered

    return Report(name, description, render, is_commands)


SHIPPED: tuple[Report, ...] = (
    _shipped("terminal", "what failed and why, as plain text for a student"),
    _shipped("json", "everything, as data"),
    _shipped("junit", "XML for CI systems, in the shape of pytest's"),
    _shipped("markdown", "a table and what failed, for a job's summary or a comment"),
    _shipped("github", "workflow commands: errors at the student's lines, points for GitHub Classroom", True),
    _shipped("github-output", "the step output that GitHub Classroom's reporter reads"),
    _shipped("classroom50", "result.json for Classroom 50, in its autograder.py"),
    _shipped("gradescope", "results.json for Gradescope"),
    _shipped("html", "a page with pictures, for a browser or paper"),
    _shipped("trace", "timelines, for Perfetto or chrome://tracing"),
)
