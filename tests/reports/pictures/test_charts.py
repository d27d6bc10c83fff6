"""Gantt charts and speed-up curves."""

from __future__ import annotations

from typing import Any

from grader.reports.pictures import gantt, speedup
from grader.results import TestResult


def judged(**evidence: Any) -> TestResult:
    return TestResult("test_a", "speedup", "public", "failed", 0.0, 1.0, "x", "y", evidence, 0.0)


def test_the_first_tick_that_differs_is_marked() -> None:
    picture = gantt.picture(judged(gantt={"got": ["AAB", "..C"], "expected": ["AAB", ".CC"], "about": "two CPUs"}))
    assert picture is not None and picture.data["differs"] == 1
    assert [chart["name"] for chart in picture.data["charts"]] == ["expected", "got"]


def test_a_chart_that_ends_too_early_differs_where_it_ends() -> None:
    picture = gantt.picture(judged(gantt={"got": ["AA"], "expected": ["AAB"]}))
    assert picture is not None and picture.data["differs"] == 2


def test_what_was_got_is_shown_alone_where_nothing_is_expected() -> None:
    picture = gantt.picture(judged(gantt={"got": ["AA"]}))
    assert picture is not None and picture.data["differs"] is None and len(picture.data["charts"]) == 1


def test_an_endless_chart_is_cut() -> None:
    picture = gantt.picture(judged(gantt={"got": ["A" * 100_000]}))
    assert picture is not None and len(picture.data["charts"][0]["cpus"][0]) == 400


def test_a_curve_is_drawn_against_the_ideal_and_the_best() -> None:
    picture = speedup.picture(
        judged(curve={"points": [[1, 1.0], [2, 2.0], [4, 2.0]], "best": [[1, 1.0], [2, 2.0], [4, 4.0]]})
    )
    assert picture is not None
    lines = {line["kind"]: line["path"] for line in picture.data["lines"]}
    assert lines["ideal"] == lines["best"] != lines["yours"]
    assert "2 on 4" in picture.summary
