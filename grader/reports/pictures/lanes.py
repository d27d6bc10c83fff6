"""The picture `lanes`: threads, connections or clients below one another, and what each was in, from left to right."""

from __future__ import annotations

from typing import Any

from grader.reports.pictures import Picture
from grader.reports.wording import counted, number
from grader.results import TestResult

_MOST_LANES = 48
_ROUND = (1, 2, 5, *(digit * 10**power for power in range(1, 18) for digit in (1, 2, 5)))


def of_history(test: TestResult) -> Picture | None:
    """A real run: its axis counts events."""
    history = test.evidence.get("history")
    if not history:
        return None
    spans = _of_history(history)
    waterfall = any(span["kind"] in ("request", "connection") for span in spans)
    calls = [span for span in spans if span["kind"] != "wait"]
    never = sum(span["ended"] is None for span in calls)
    names = history["lanes"]
    return Picture(
        "lanes",
        "What the test saw, one event after the other",
        f"{counted(len(names), 'lane')}; {counted(len(calls), 'call')} begun, {never} of them never over",
        {"lanes": _lanes(names, spans, history["length"] + 1), "ticks": [], "waterfall": waterfall,
         "unit": "events, in the order in which they were seen", "left_out": history["left_out"] + _left_out(names)},
    )  # fmt: skip


def of_virtual_time(test: TestResult) -> Picture | None:
    """A run in virtual time, of a real process or in the controlled world."""
    timeline = test.evidence.get("timeline")
    if not timeline:
        return None
    spans = _of_timeline(timeline)
    length = max(span["until"] for span in spans)
    names = list(dict.fromkeys(span["name"] for span in spans))
    return Picture(
        "lanes",
        f"In virtual time: {counted(length, 'tick')}",
        f"{counted(len(names), 'lane')}, {counted(len(spans), 'piece')} of work, over after {counted(length, 'tick')}",
        {"lanes": _lanes(names, spans, max(length, 1)), "ticks": _ticks(length), "waterfall": False,
         "unit": "ticks of virtual time", "left_out": _left_out(names)},
    )  # fmt: skip


def spans_of(test: TestResult) -> list[dict[str, Any]]:
    """What was done when, by `name` of the lane: from `began` to `ended`, or, never over, seen `until` then.

    Virtual time, where a test has it, else the order of events; empty if the evidence has neither.
    """
    try:
        if test.evidence.get("timeline"):
            return _of_timeline(test.evidence["timeline"])
        return _of_history(test.evidence["history"]) if test.evidence.get("history") else []
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return []


def _of_history(history: dict[str, Any]) -> list[dict[str, Any]]:
    until = history["length"] + 1
    return [{**span, "name": history["lanes"][span["lane"]], "until": until} for span in history["spans"]]


def _of_timeline(timeline: Any) -> list[dict[str, Any]]:
    """The spans, from the begin of the first one on."""
    spans = _of_machine(timeline["spans"]) if isinstance(timeline, dict) else _of_world(timeline)
    first = min(span["began"] for span in spans)
    until = max(span["ended"] if span["ended"] is not None else span["began"] for span in spans) - first
    for span in spans:
        span["began"] -= first
        span["ended"] = None if span["ended"] is None else span["ended"] - first
        span["until"] = until
    return spans


def _of_machine(spans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pieces of work that a test has let go one after the other; each has a lane of its own."""
    ordered = sorted(spans, key=lambda span: (span["start"], span["index"]))
    return [
        {"name": f"piece {span['index'] + 1}", "label": "", "began": span["start"], "ended": span["end"],
         "kind": "probe", "held": False}
        for span in ordered
    ]  # fmt: skip


def _of_world(spans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    threads = list(dict.fromkeys(span["thread"] for span in spans))
    return [
        {"name": f"thread {threads.index(span['thread']) + 1}", "label": span["probe"], "began": span["began"],
         "ended": span["ended"], "kind": "probe", "held": False}
        for span in spans
    ]  # fmt: skip


def _lanes(names: list[str], spans: list[dict[str, Any]], length: float) -> list[dict[str, Any]]:
    return [
        {"name": name, "bars": [_bar(span, length) for span in spans if span["name"] == name]}
        for name in names[:_MOST_LANES]
    ]


def _bar(span: dict[str, Any], length: float) -> dict[str, Any]:
    """Where a bar is, in hundredths of the width, and what is written at it."""
    endless = span["ended"] is None
    end = length if endless else span["ended"]
    start, width = 100 * span["began"] / length, 100 * (end - span["began"]) / length
    when = f"from {number(span['began'])} " + ("and never over" if endless else f"to {number(span['ended'])}")
    held = ", held by the test" if span["held"] else ""
    return {
        "kind": span["kind"], "label": span["label"], "left": round(start, 2), "width": round(max(width, 0.6), 2),
        "endless": endless, "held": span["held"], "told": f"{when}{held}",
    }  # fmt: skip


def _left_out(names: list[str]) -> int:
    return max(0, len(names) - _MOST_LANES)


def _ticks(length: float) -> list[dict[str, Any]]:
    """A handful of marks at round numbers."""
    step = next((step for step in _ROUND if length / step <= 8), 0)
    if not step:  # from a result that somebody has written
        return []
    return [{"at": tick, "left": round(100 * tick / length, 2)} for tick in range(0, int(length) + 1, step)]
