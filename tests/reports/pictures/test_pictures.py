"""Which pictures a test's evidence asks for, and that no evidence of whatever form keeps a report from being made."""

from __future__ import annotations

from typing import Any

import pytest

from grader.reports.pictures import pictures_of
from grader.results import TestResult, Verdict

STEP = {"thread": 1, "file": "sum.py", "line": 3, "source": "x += 1", "did": ["reads x: 0"]}
TOLD = {"threads": ["MainThread", "A"], "steps": [STEP], "ends": [], "error": None}


def judged(evidence: dict[str, Any], verdict: Verdict = "failed") -> TestResult:
    return TestResult("test_a", "races", "hidden", verdict, 0.0, 1.0, "because", "A rule.", evidence, 0.1)


def kinds(evidence: dict[str, Any], verdict: Verdict = "failed") -> list[str]:
    return [picture.kind for picture in pictures_of(judged(evidence, verdict))]


def test_no_evidence_asks_for_no_picture() -> None:
    assert kinds({}) == [] and kinds({"kind": "assertion"}) == []


def test_each_kind_of_evidence_has_its_picture() -> None:
    frames = [{"file": "sum.py", "line": 3, "function": "f", "source": "x"}]
    assert kinds({"interleaving": TOLD}) == ["story"]
    assert kinds(
        {
            "threads": [
                {"thread": "A", "waits_in": "join", "waits_for": "waits for a thread to end (join)", "frames": frames}
            ]
        }
    ) == ["stacks"]
    assert kinds({"gantt": {"got": ["A"], "expected": ["B"]}}) == ["gantt"]
    assert kinds({"curve": {"points": [[1, 1], [2, 2]]}}) == ["speedup"]
    assert kinds({"timeline": [{"probe": "f", "thread": 1, "began": 0.0, "ended": 2.0}]}) == ["lanes"]
    span = {"lane": 0, "kind": "probe", "label": "f 1", "began": 1, "ended": None, "held": True}
    assert kinds({"history": {"lanes": ["thread 1"], "length": 1, "spans": [span], "left_out": 0}}) == ["lanes"]


ODD = [
    None,
    0,
    1.5,
    "x",
    [],
    [None],
    ["x"],
    {},
    {"steps": 3},
    {"spans": [{}]},
    [{"thread": []}],
    {"points": [[0]]},
    True,
]


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("key", ["interleaving", "threads", "gantt", "curve", "timeline", "history", "play"])
def test_evidence_of_another_form_is_passed_over(key: str, value: Any) -> None:
    pictures_of(judged({key: value}))
    pictures_of(judged({"interleaving": TOLD, key: value}))


def test_a_chart_that_was_right_is_not_drawn() -> None:
    assert kinds({"gantt": {"got": ["A"], "expected": ["A"]}}, "passed") == []
