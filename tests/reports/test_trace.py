"""Trace Event JSON: the shape that Perfetto and chrome://tracing read, with every lane named."""

from __future__ import annotations

import json
from typing import Any

from grader.reports.trace import render
from tests.browser.samples import every_kind


def events() -> list[dict[str, Any]]:
    found = json.loads(render(every_kind("al\x1b\u202eice")))
    assert found["displayTimeUnit"] == "ms"
    return list(found["traceEvents"])


def test_every_event_has_what_the_format_asks_for() -> None:
    for event in events():
        assert event["ph"] in ("X", "M") and isinstance(event["pid"], int) and isinstance(event["tid"], int)
        if event["ph"] == "X":
            assert event["ts"] >= 0 and event["dur"] >= 0 and event["name"]
        else:
            assert event["name"] in ("process_name", "thread_name") and event["args"]["name"]


def test_every_lane_and_process_is_named() -> None:
    found = events()
    named = {(event["pid"], event["tid"]) for event in found if event["name"] == "thread_name"}
    assert {(event["pid"], event["tid"]) for event in found if event["ph"] == "X"} <= named
    processes = [event["args"]["name"] for event in found if event["name"] == "process_name"]
    assert "threaded_sum: stuck (failed)" in processes and len(processes) == len(set(processes))


def test_nothing_of_a_student_is_raw() -> None:
    text = render(every_kind("al\x1b\u202eice")).decode()
    assert "\x1b" not in text and "\\u001b" not in text and "\\u202e" in text.replace("\\\\u202e", "\\u202e")


def test_steps_of_a_story_come_one_after_the_other() -> None:
    steps = [event for event in events() if event.get("cat") == "step" and event["pid"] == 1]
    assert [event["ts"] for event in steps] == [1_000 * n for n in range(len(steps))] and len(steps) == 6
