"""The evidence of a verdict, made fit for a result."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from grader.testing.session import _MOST_EVIDENCE, _Plain


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def test_evidence_of_the_usual_size_is_kept_as_it_is() -> None:
    evidence = {"kind": "x", "timeline": [{"began": 1.5, "ended": None, "probe": "é"}] * 200, "more": {"a": [1, True]}}
    assert _Plain().of(evidence) == evidence


@pytest.mark.parametrize(
    "value",
    [
        "x" * (8 << 20),
        ["x" * 1000] * 20_000,
        [0] * (1 << 20),
        [[[]] * 1000] * 1000,
        {str(number): "x" * 100 for number in range(50_000)},
        {"x" * (1 << 20): 1},
        nested(10_000),
        10**9000,
        {"\ud800": "\ud800"},
        {("a", 1): {object}, None: b"\0" * (1 << 20)},
    ],
    ids=range(10),
)
def test_evidence_that_is_huge_deep_or_strange_is_cut(value: Any) -> None:
    made = _Plain().of({"kind": "x", "value": value})
    assert made["kind"] == "x"
    assert len(msgspec.json.encode(made)) < 2 * _MOST_EVIDENCE
