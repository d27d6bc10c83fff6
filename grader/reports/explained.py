"""Everything about a few tests, in the terminal: rule, what was seen, the story, stacks, the timeline, hints."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from grader.reports.page import Page
from grader.reports.pictures import Picture, pictures_of
from grader.reports.terminal import Hints, hint_lines
from grader.reports.wording import number, test_name
from grader.results import Result, TestResult

_LABEL = 8
_LANE = 16
"""Columns for the name of a lane."""
_MARKS = {"passed": "bold green", "failed": "bold red", "inconclusive": "bold yellow"}


def print_explained(result: Result, console: Console, hints: Hints, unfolded: int) -> None:
    """Writes all that is known of each test of a result.

    Args:
        result: of the tests asked for.
        console: where to.
        hints: gives the hints of a rule.
        unfolded: how many of them are shown.
    """
    page = Page(console)
    for exercise in result.exercises:
        for test in exercise.tests:
            _write(page, exercise.name, test, hints, unfolded)
    for note in result.notes:
        page.block(note)


def _write(page: Page, exercise: str, test: TestResult, hints: Hints, unfolded: int) -> None:
    points = f"{number(test.score)}/{number(test.max_score)}{' hidden' * (test.visibility == 'hidden')}"
    page.item(
        Text(f"{test.verdict} ", _MARKS[test.verdict]), page.name(test_name(test.name), "bold"), Text(points, "dim")
    )
    page.line()
    rules = test.rule.splitlines()
    for label, text in zip(["  Rule", *[""] * len(rules)], rules, strict=False):
        page.block(text, _LABEL, label)
    if test.reason:
        page.block(test.reason, _LABEL, "  Seen")
    _pictures(page, test)
    output = str(test.evidence.get("output", ""))
    if output.strip() and test.visibility == "public":
        page.block(output, _LABEL + 2, "  Printed")
    found = tuple(dict.fromkeys(hint for rule in rules for hint in hints(exercise, rule)))
    if test.verdict != "passed":
        for text in hint_lines(found, unfolded):
            page.block(text, _LABEL, "  Hint")
    page.line()


def _pictures(page: Page, test: TestResult) -> None:
    """What there is to see of it, in characters."""
    story = test.evidence.get("story")
    if isinstance(story, list) and story:
        schedule = test.evidence.get("schedule", "")
        page.block(f"when the threads take turns like this (schedule {schedule}):", _LABEL, "  How")
        page.picture([str(line) for line in story], 2)
    draws = {"lanes": _lanes, "stacks": _stacks, "gantt": _gantt}
    for picture in pictures_of(test):
        if picture.kind in draws:
            draws[picture.kind](page, picture)


def _lanes(page: Page, picture: Picture) -> None:
    """A timeline in characters: each lane a line."""
    page.block(f"{picture.title}:", _LABEL, "  When")
    room = max(page.width - _LANE - 4, 20)
    full, rest = page.glyphs.full, page.glyphs.line
    for lane in picture.data["lanes"]:
        cells = [" "] * room
        for bar in lane["bars"]:
            begin = min(int(bar["left"] / 100 * room), room - 1)
            end = room if bar["endless"] else max(begin + 1, round((bar["left"] + bar["width"]) / 100 * room))
            cells[begin:end] = [full if bar["kind"] != "call" else rest] * (min(end, room) - begin)
            if bar["endless"]:
                cells[-1] = ">"
        page.picture([f"{lane['name'][:_LANE]:>{_LANE}} |{''.join(cells[:room])}"], 2)
    page.block(picture.data["unit"], _LANE + 4, style="dim")


def _stacks(page: Page, picture: Picture) -> None:
    for thread in picture.data["threads"]:
        waits = f": {thread['waits']}" if thread["waits"] else ""
        page.block(f"{thread['name']}{waits}", _LABEL, "  Where")
        for frame in thread["frames"]:
            page.block(f"  {frame['file']} line {frame['line']}, in {frame['function']}: `{frame['source']}`", _LABEL)


def _gantt(page: Page, picture: Picture) -> None:
    data: dict[str, Any] = picture.data
    for chart in data["charts"]:
        page.block(f"{chart['name']}:", _LABEL, "  Chart")
        page.picture(["".join(cell["char"] for cell in cpu) for cpu in chart["cpus"]], _LABEL)
    if data["differs"] is not None:
        page.picture([" " * data["differs"] + "^ the first tick that differs"], _LABEL)
