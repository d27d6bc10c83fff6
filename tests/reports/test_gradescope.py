"""`results.json`, as Gradescope's documentation of autograders describes it."""

from __future__ import annotations

import json
from typing import Any

from grader.reports import gradescope
from grader.results import Result


def read(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gradescope.render(result))
    return found


def test_fields_are_those_that_gradescope_knows(one_of_each: Result) -> None:
    data = read(one_of_each)
    top = {
        "score",
        "execution_time",
        "output",
        "output_format",
        "visibility",
        "stdout_visibility",
        "extra_data",
        "tests",
    }
    assert data.keys() == top
    known = {"score", "max_score", "status", "name", "number", "output", "output_format", "tags", "visibility"}
    assert all(test.keys() <= known for test in data["tests"])
    assert {test.get("status") for test in data["tests"]} == {"passed", "failed", None}


def test_total_is_the_sum_of_the_tests(one_of_each: Result) -> None:
    data = read(one_of_each)
    assert data["score"] == sum(test["score"] for test in data["tests"]) == one_of_each.score
    assert data["extra_data"]["max_score"] == sum(test["max_score"] for test in data["tests"]) == 9.75


def test_hidden_tests_are_not_seen_before_the_marks_are(one_of_each: Result) -> None:
    assert [test["visibility"] for test in read(one_of_each)["tests"]] == [
        "visible",
        "after_published",
        *["visible"] * 4,
    ]


def test_what_is_not_decided_is_neither_passed_nor_failed(one_of_each: Result) -> None:
    data = read(one_of_each)
    unsure = data["tests"][4]
    assert "status" not in unsure and unsure["tags"] == ["correctness", "inconclusive"]
    assert "not decided; flagged for your instructor" in unsure["output"]
    assert (data["extra_data"]["inconclusive"], data["extra_data"]["flags"]) == (0.75, ["adder: forged frames"])
    assert "0.75 points not decided" in data["output"]


def test_output_tells_what_is_true_of_the_whole(one_of_each: Result) -> None:
    assert read(one_of_each)["output"].splitlines() == [
        "Only the public tests are here.",
        "adder: 2/5.75",
        "  note: found in Adder.py",
        "server: 0/4",
        "  not started: server.py is still the stub",
        "0.75 points not decided, flagged for your instructor",
    ]
