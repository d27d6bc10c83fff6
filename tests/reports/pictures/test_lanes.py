"""Timelines: bars where they belong, and at the right length."""

from __future__ import annotations

from typing import Any

import pytest

from grader.reports.pictures import Picture, lanes
from grader.results import TestResult


def judged(**evidence: Any) -> TestResult:
    return TestResult("test_a", "speedup", "public", "failed", 0.0, 1.0, "x", "y", evidence, 0.0)


def bars(picture: Picture | None) -> list[tuple[str, float, float]]:
    assert picture is not None
    return [(lane["name"], bar["left"], bar["width"]) for lane in picture.data["lanes"] for bar in lane["bars"]]


def test_virtual_time_of_the_world_begins_at_its_first_piece() -> None:
    spans = [
        {"probe": "get", "thread": 7, "began": 10.0, "ended": 20.0},
        {"probe": "get", "thread": 9, "began": 20.0, "ended": 50.0},
        {"probe": "get", "thread": 7, "began": 20.0, "ended": 30.0},
    ]
    assert bars(lanes.of_virtual_time(judged(timeline=spans))) == [
        ("thread 1", 0.0, 25.0), ("thread 1", 25.0, 25.0), ("thread 2", 25.0, 75.0),
    ]  # fmt: skip


def test_virtual_time_of_a_real_process_has_a_lane_for_each_piece() -> None:
    timeline = {
        "kind": "timeline",
        "makespan": 4,
        "spans": [{"index": 1, "start": 0, "end": 4}, {"index": 0, "start": 0, "end": 1}],
    }
    assert bars(lanes.of_virtual_time(judged(timeline=timeline))) == [("piece 1", 0.0, 25.0), ("piece 2", 0.0, 100.0)]


def test_what_was_never_over_reaches_to_the_edge() -> None:
    span = {"lane": 0, "kind": "probe", "label": "get 1", "began": 1, "ended": None, "held": True}
    history = {"lanes": ["thread 1"], "length": 3, "spans": [span], "left_out": 0}
    picture = lanes.of_history(judged(history=history))
    assert bars(picture) == [("thread 1", 25.0, 75.0)]
    assert (
        picture is not None and picture.data["lanes"][0]["bars"][0]["told"] == "from 1 and never over, held by the test"
    )


def test_requests_make_a_waterfall() -> None:
    span = {"lane": 0, "kind": "request", "label": "request 1", "began": 1, "ended": 2, "held": False}
    picture = lanes.of_history(judged(history={"lanes": ["connection 1"], "length": 2, "spans": [span], "left_out": 0}))
    assert picture is not None and picture.data["waterfall"]


def test_hundreds_of_lanes_are_cut_and_counted() -> None:
    spans = [{"probe": "handle", "thread": n, "began": 0.0, "ended": 1.0} for n in range(200)]
    picture = lanes.of_virtual_time(judged(timeline=spans))
    assert picture is not None and len(picture.data["lanes"]) + picture.data["left_out"] == 200


@pytest.mark.parametrize("length", [3.0, 4_001.0, 1e9, 1e12, 1e17, 1e300, 1e308])
def test_any_length_of_virtual_time_has_a_handful_of_marks_or_none(length: float) -> None:
    picture = lanes.of_virtual_time(judged(timeline=[{"probe": "f", "thread": 1, "began": 0.0, "ended": length}]))
    assert picture is not None
    assert (len(picture.data["ticks"]) in range(3, 10)) is (length < 1e18)
