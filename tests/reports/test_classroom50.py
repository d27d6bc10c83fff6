"""`result.json` against Classroom 50's own schema, and its whole numbers against our points."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from grader.reports import CannotRender, classroom50
from grader.results import Result, exercise_result

SCHEMA = json.loads((Path(__file__).parent / "classroom50-result-v1.schema.json").read_text())
RUNNER = {
    "CLASSROOM": "cs101",
    "ASSIGNMENT": "threads",
    "ASSIGNMENT_TYPE": "individual",
    "OWNER": "alice",
    "SUBMISSION_TAG": "submit/1",
    "COMMIT_URL": "https://git.example/c",
    "RELEASE_URL": "https://git.example/r",
    "REVIEW_URL": "https://git.example/v",
}


def read(result: Result, environment: dict[str, str] = RUNNER, now: datetime | None = None) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(classroom50.render(result, environment, now))
    jsonschema.validate(data, SCHEMA, jsonschema.Draft202012Validator)
    return data


def test_fits_the_schema_with_what_the_runner_tells(one_of_each: Result) -> None:
    data = read(one_of_each)
    assert (data["classroom"], data["owner"], data["submission"], data["review"]) == (
        "cs101",
        "alice",
        "submit/1",
        "https://git.example/v",
    )


@pytest.mark.parametrize("seed", range(20))
def test_whole_numbers_add_up_to_four_times_the_points(any_points: Callable[[int], Result], seed: int) -> None:
    result = any_points(seed)
    data = read(result)
    assert data["score"] == sum(test["score"] for test in data["tests"]) == 4 * result.score
    assert data["max-score"] == sum(test["max-score"] for test in data["tests"]) == 4 * result.max_score
    assert sum(test["points"] for test in data["tests"]) == result.score


def test_only_what_passed_is_passed(one_of_each: Result) -> None:
    tests = read(one_of_each)["tests"]
    assert [test["passed"] for test in tests] == [True, *[False] * 5]
    assert [test["inconclusive"] for test in tests] == [False] * 4 + [True, False]


def test_time_is_in_utc(one_of_each: Result) -> None:
    noon = datetime(2026, 11, 27, 12, tzinfo=timezone(timedelta(hours=2)))
    assert read(one_of_each, now=noon)["datetime"] == "2026-11-27T10:00:00Z"
    assert read(one_of_each)["graded_at"] <= datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("name", RUNNER)
def test_what_the_runner_has_not_told_is_named(one_of_each: Result, name: str) -> None:
    with pytest.raises(CannotRender, match=rf"^{name} not set"):
        classroom50.render(one_of_each, RUNNER | {name: ""})


def test_points_that_cannot_be_whole_are_refused(
    make_test: Callable[..., Any], make_result: Callable[..., Result]
) -> None:
    with pytest.raises(CannotRender, match="no multiple of a quarter"):
        read(make_result(exercise_result("a", "A", [make_test("test_a", score=0.3)])))
