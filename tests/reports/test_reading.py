"""Results read from files: what is none is told as such, with a remedy."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.reports import json as json_form
from grader.reports.reading import NoResult, read_result
from grader.results import Result


@pytest.fixture
def changed(one_of_each: Result, tmp_path: Path) -> Callable[..., str]:
    """A file with the result, changed by a function."""

    def make(change: Callable[[Any], object] = lambda data: data) -> str:
        data = json.loads(json_form.render(one_of_each))
        change(data)
        (tmp_path / "r.json").write_text(json.dumps(data))
        return str(tmp_path / "r.json")

    return make


def test_what_was_written_is_read(one_of_each: Result, changed: Callable[..., str]) -> None:
    assert read_result(changed()) == one_of_each


def test_result_of_an_earlier_grader_without_hints_is_read(changed: Callable[..., str]) -> None:
    file = changed(lambda data: [exercise.pop("hints") for exercise in data["exercises"]])
    assert read_result(file).exercises[0].hints == {}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", r"x\.json:1: is no JSON"),
        (b'{"schema":\n oops', r"x\.json:2: is no JSON \(Expecting value\); give what `grade --json FILE` wrote"),
        (b'{"a": "\xff"}', "is no JSON; give"),
        (b"[" * 100_000, "is no JSON; give"),
        (b"[1]", "is no result"),
        (b'"threadlab/result/v1"', "is no result"),
        (b"{}", 'no "schema": "threadlab/result/v1" in it'),
        (b'{"schema": 3}', "is no result"),
        (b'{"schema": "classroom50/result/v1"}', "is no result"),
        (b'{"schema": "threadlab/result/v2"}', "is of the version 'threadlab/result/v2', this grader reads"),
        (b'{"schema": "threadlab/result/v1"}', r"is no whole result \(Object missing required field `submission`\)"),
        (b'{"schema": "threadlab/result/v1", "score": "much"}', "is no whole result"),
    ],
)
def test_what_is_no_result_says_why(tmp_path: Path, data: bytes, told: str) -> None:
    (tmp_path / "x.json").write_bytes(data)
    with pytest.raises(NoResult, match=told):
        read_result(str(tmp_path / "x.json"))


def test_what_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoResult, match=r"none\.json: cannot be read \(No such file or directory\)"):
        read_result(str(tmp_path / "none.json"))
    with pytest.raises(NoResult, match="is a folder"):
        read_result(str(tmp_path))
    (tmp_path / "huge").touch()
    os.truncate(tmp_path / "huge", 300 * 1024 * 1024)
    with pytest.raises(NoResult, match="larger than any result"):
        read_result(str(tmp_path / "huge"))


def set_score(data: Any, value: Any) -> None:
    data["exercises"][0]["tests"][0]["score"] = value


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(score=100),
        lambda data: data.update(max_score=9.5),
        lambda data: data.update(inconclusive=0),
        lambda data: data["exercises"][0].update(score=100),
        lambda data: data["exercises"][0].update(inconclusive=2),
        lambda data: set_score(data, 0.5),
        lambda data: set_score(data, 0.3),
        lambda data: set_score(data, -1),
        lambda data: set_score(data, 2),
        lambda data: set_score(data, 1e300),
    ],
)
def test_points_that_do_not_add_up_are_refused(changed: Callable[..., str], change: Callable[[Any], object]) -> None:
    with pytest.raises(NoResult, match=r"points.*: has it been edited\? Grade it again$"):
        read_result(changed(change))
