"""What is said of one test, and where in the submission it points to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from grader.reports.message import message
from grader.reports.places import file_of, line_of
from grader.results import Result, exercise_result

TOLD = exercise_result("adder", "Add", [], hints={"Two.": ["Think.", "Add."]})


def test_what_passed_needs_no_words(one_of_each: Result) -> None:
    assert message(one_of_each.exercises[0].tests[0], one_of_each.exercises[0]) == ""


def test_lines_are_below_their_label(make_test: Callable[..., Any]) -> None:
    test = make_test("test_a", "failed", rule="One.\nTwo.", reason="saw\n  this\n")
    assert message(test, TOLD) == "Rule  One.\n      Two.\nSeen  saw\n        this\nHint  Think."


def test_output_is_that_of_public_tests_and_its_end(make_test: Callable[..., Any]) -> None:
    output = {"output": "".join(f"{number}\n" for number in range(99))}
    assert message(make_test("test_a", "failed", evidence=output), TOLD).endswith(
        "Printed:\n" + "\n".join(map(str, range(89, 99)))
    )
    assert "98" not in message(make_test("test_a", "failed", evidence=output, visibility="hidden"), TOLD)
    assert "98" not in message(make_test("test_a", "failed", evidence=output), TOLD, printed=False)


def test_endless_text_is_cut(make_test: Callable[..., Any]) -> None:
    text = message(make_test("test_a", "failed", reason="\n".join(["x" * 9_000] * 99)), TOLD)
    assert text.endswith("... and 39 lines more") and len(text) < 30_000


@pytest.mark.parametrize("story", [None, "text", {}, [], 7])
def test_odd_story_is_none(make_test: Callable[..., Any], story: object) -> None:
    assert "How" not in message(make_test("test_a", "failed", evidence={"story": story}), TOLD)


@pytest.mark.parametrize(
    ("evidence", "line"),
    [
        ({"line": 12}, 12),
        ({"line": None}, None),
        ({"line": True}, None),
        ({"line": 0}, None),
        ({"line": "12"}, None),
        ({"line": 10**20}, None),
        (
            {
                "threads": [
                    {"frames": []},
                    {"frames": [{"file": "adder.py", "line": 3}, {"file": "adder.py", "line": 5}]},
                ]
            },
            5,
        ),
        ({"threads": [{"frames": [{"file": "adder.py", "line": 3}, {"file": "queue.py", "line": 99}]}]}, 3),
        ({"threads": [{"frames": [{"file": "other.py", "line": 3}]}]}, None),
        ({"threads": "odd"}, None),
        ({"threads": [7, {"frames": 7}, {"frames": [7]}]}, None),
    ],
)
def test_line_is_what_the_evidence_names(
    make_test: Callable[..., Any], evidence: dict[str, Any], line: int | None
) -> None:
    assert line_of(make_test("test_a", "failed", evidence=evidence), TOLD) == line
    assert file_of(TOLD) == "adder/adder.py"
