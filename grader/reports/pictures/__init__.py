"""Pictures of evidence: what kind a test's evidence asks for, and the data that is drawn; the templates draw it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader.results import TestResult


@dataclass(frozen=True)
class Picture:
    """One picture, ready to be drawn."""

    kind: str
    """Of which template: `grader/reports/templates/<kind>.html`."""
    title: str
    summary: str
    """What a reader who does not see it should know."""
    data: dict[str, Any]


def pictures_of(test: TestResult) -> list[Picture]:
    """The pictures for a test's evidence, the one that tells most first.

    Evidence that has not the form expected gives no picture: it may come from another version, or from further away.
    """
    from grader.reports.pictures import gantt, lanes, speedup, stacks, story, waiting

    makers: tuple[Callable[[TestResult], Picture | None], ...] = (
        waiting.picture, story.picture, stacks.picture, gantt.picture, speedup.picture, lanes.of_virtual_time,
        lanes.of_history,
    )  # fmt: skip
    found = [_made(make, test) for make in makers]
    return [picture for picture in found if picture is not None]


def _made(make: Callable[[TestResult], Picture | None], test: TestResult) -> Picture | None:
    try:
        return make(test)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
