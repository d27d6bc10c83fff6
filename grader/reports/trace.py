"""The form `trace`: Trace Event JSON, which Perfetto and chrome://tracing open; a test is a process, a lane a thread.

An event of a real run, a tick of virtual time and a step of a story all count as a millisecond: only order and
length in their own unit mean something. Format: "Trace Event Format", Google.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from grader.reports import safe
from grader.reports.pictures import lanes
from grader.reports.wording import test_name
from grader.results import Result, TestResult

_SCALE = 1_000
"""A unit is drawn as a millisecond, so that the viewers' rulers read well."""


def render(result: Result) -> bytes:
    """The timelines and stories of all tests, as JSON."""
    tests = [(exercise, test) for exercise in result.exercises for test in exercise.tests]
    events: list[dict[str, Any]] = []
    for pid, (exercise, test) in enumerate(tests, 1):
        found = [*_timeline(test, pid), *_story(test, pid)]
        if found:
            events += [_named("process_name", f"{exercise.name}: {test_name(test.name)} ({test.verdict})", pid), *found]
    about = {"submission": safe.for_terminal(result.submission), "unit": "1 ms: one event, one tick, or one step"}
    document = {"traceEvents": events, "displayTimeUnit": "ms", "otherData": about}
    return f"{safe.in_json(json.dumps(document, indent=1))}\n".encode()


def _timeline(test: TestResult, pid: int) -> Iterator[dict[str, Any]]:
    spans = lanes.spans_of(test)
    for tid, name in enumerate(dict.fromkeys(span["name"] for span in spans)):
        yield _named("thread_name", name, pid, tid)
        for span in spans:
            if span["name"] == name:
                end = span["ended"] if span["ended"] is not None else span["until"]
                args = {"held": span["held"], "over": span["ended"] is not None}
                yield _event("X", span["label"] or name, pid, tid, span["began"], cat=span["kind"], args=args,
                             dur=max(0, (end - span["began"]) * _SCALE))  # fmt: skip


def _story(test: TestResult, pid: int) -> Iterator[dict[str, Any]]:
    told = test.evidence.get("interleaving")
    if not isinstance(told, dict) or not told.get("steps"):
        return
    base = 1_000  # lanes of the story, apart from those of the timeline
    for number, name in enumerate(told["threads"]):
        yield _named("thread_name", name, pid, base + number)
    now = 0
    for step in told["steps"]:
        for did in step.get("did", ()):
            args = {"line": step["line"], "source": safe.for_terminal(step["source"])}
            yield _event("X", did, pid, base + step["thread"], now, cat="step", args=args, dur=_SCALE)
            now += 1


def _named(kind: str, name: str, pid: int, tid: int = 0) -> dict[str, Any]:
    return {"name": kind, "ph": "M", "pid": pid, "tid": tid, "args": {"name": safe.for_terminal(name)}}


def _event(phase: str, name: str, pid: int, tid: int, at: float, **more: Any) -> dict[str, Any]:
    return {"name": safe.for_terminal(name), "ph": phase, "pid": pid, "tid": tid, "ts": at * _SCALE, **more}
