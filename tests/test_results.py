"""The result model: what goes into JSON comes out again, and points add up."""

from __future__ import annotations

import json
import random
from typing import Any

import msgspec
import pytest

from grader.reports.json import render
from grader.results import Result, TestResult, Verdict, exercise_result, from_json, result, to_json

ENVIRONMENT = {"python": "3.11.2", "gil": True, "cores": 2, "tier": "jail", "guarantees": ["files", "network"]}


def told(verdict: Verdict, points: float, **fields: Any) -> TestResult:
    known: dict[str, Any] = {
        "name": "test_sum",
        "group": "correctness",
        "visibility": "hidden",
        "score": points if verdict == "passed" else 0.0,
        "reason": "",
        "rule": "Returns the sum.",
        "evidence": {},
        "duration": 0.01,
    }
    return TestResult(verdict=verdict, max_score=points, **(known | fields))


def one_of_each() -> Result:
    failed = told(
        "failed", 2.5, reason="it was 1\n    x = 1 → é\n", evidence={"kind": "assertion", "threads": [1, None]}
    )
    tests = [told("passed", 1.25), failed, told("inconclusive", 0.75, reason="the machine could not tell")]
    graded = exercise_result("adder", "Add", tests, notes=["a note"])
    blank = exercise_result("server", "Serve", [told("failed", 4.0)], "not started", "server.py is still the stub")
    return result("alice", [graded, blank], environment=ENVIRONMENT, pack="abc", digest="def", notes=["public only"])


def test_result_survives_json() -> None:
    assert from_json(to_json(one_of_each())) == one_of_each()


def test_json_has_every_promised_field() -> None:
    data = json.loads(to_json(one_of_each()))
    assert data["schema"] == "threadlab/result/v1"
    assert data.keys() >= {"submission", "score", "max_score", "inconclusive", "exercises", "environment", "pack"}
    assert all(exercise.keys() >= {"name", "score", "max_score", "tests"} for exercise in data["exercises"])
    promised = {
        "name",
        "group",
        "visibility",
        "verdict",
        "score",
        "max_score",
        "reason",
        "rule",
        "evidence",
        "duration",
    }
    tests = [test for exercise in data["exercises"] for test in exercise["tests"]]
    assert len(tests) == 4
    assert all(test.keys() == promised for test in tests)
    assert data["environment"] == ENVIRONMENT


def test_json_without_optional_parts_has_the_same_fields() -> None:
    bare = result("alice", [], environment={}, pack="")
    assert json.loads(to_json(bare)).keys() == json.loads(to_json(one_of_each())).keys()


def test_json_ends_with_a_newline_and_is_indented() -> None:
    text = to_json(one_of_each())
    assert text.endswith(b"}\n")
    assert b'\n  "submission": "alice"' in text


def test_points_are_those_of_the_tests() -> None:
    whole = one_of_each()
    assert [(e.score, e.max_score, e.inconclusive) for e in whole.exercises] == [(1.25, 4.5, 0.75), (0.0, 4.0, 0.0)]
    assert (whole.score, whole.max_score, whole.inconclusive) == (1.25, 8.5, 0.75)


def test_points_add_up_exactly_in_every_order() -> None:
    draw = random.Random(2)
    tests = [told("passed", draw.randrange(1, 40) / 4) for _ in range(200)]
    quarters = sum(int(test.max_score * 4) for test in tests)
    for _ in range(20):
        draw.shuffle(tests)
        halves = [exercise_result("a", "A", tests[:77]), exercise_result("b", "B", tests[77:])]
        whole = result("alice", halves, environment={}, pack="")
        assert whole.score == whole.max_score == quarters / 4


def test_partial_points_of_a_failed_test_count() -> None:
    assert exercise_result("a", "A", [told("failed", 2.0, score=0.5)]).score == 0.5


def test_no_tests_are_no_points() -> None:
    empty = exercise_result("a", "A", [])
    assert (empty.score, empty.max_score, empty.inconclusive) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'{"submission": 3}', b"\xff"])
def test_what_is_no_result_is_refused(data: bytes) -> None:
    with pytest.raises((msgspec.MsgspecError, UnicodeDecodeError)):
        from_json(data)


def test_unknown_verdict_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="verdict"):
        from_json(to_json(one_of_each()).replace(b'"inconclusive",', b'"perhaps",'))


def test_json_holds_nothing_that_acts_on_a_terminal_and_reads_as_what_it_was() -> None:
    hostile = "\x1b[2J\x7f\x9b31m\u202e\u200b\ufeff\u2028\U000e0041 \u00e9 \u6f22"
    result = msgspec.structs.replace(one_of_each(), submission=hostile)
    written = render(result).decode()
    assert not any(char in written for char in hostile if not char.isprintable())
    assert "\u00e9 \u6f22" in written
    assert from_json(written.encode()) == result
