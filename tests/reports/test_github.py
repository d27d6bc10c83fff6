"""Workflow commands, as GitHub's runner takes them; the points, as Classroom's reporter does."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from grader.reports import github, github_output
from grader.results import Result, exercise_result

if TYPE_CHECKING:
    from tests.conftest import Runner


def test_notices_are_those_of_classroom(one_of_each: Result) -> None:
    assert github.notices(one_of_each) == [
        "::notice title=Autograding complete::Points 2/9.75",
        '::notice title=Autograding report::{"totalPoints":2,"maxPoints":9.75}',
    ]


def test_no_points_to_be_had_are_not_reported(make_result: Callable[..., Result]) -> None:
    assert github.notices(make_result()) == []
    assert github.render(make_result()) == b""


def test_errors_are_at_the_lines_of_the_student(one_of_each: Result, runner: type[Runner]) -> None:
    commands = runner().read(github.render(one_of_each).decode()).commands
    assert [name for name, _, _ in commands] == ["error"] * 3 + ["warning"] + ["notice"] * 2
    assert commands[3][1:] == ({"title": "Flagged for your instructor"}, "adder: forged frames")
    assert [properties for _, properties, _ in commands[:3]] == [
        {"file": "adder/adder.py", "title": "race"},
        {"file": "adder/adder.py", "line": "12", "title": "line"},
        {"file": "adder/adder.py", "line": "7", "title": "stuck"},
    ]
    assert commands[0][2].startswith(
        "Rule  `sum_chunk` is called in that chunk's own new thread.\nSeen  test_race saw\n"
    )


def test_errors_name_the_file_where_it_lies(one_of_each: Result, runner: type[Runner]) -> None:
    lines = github.errors(one_of_each, {"adder": "hand, in/100%: é.py"})
    assert {command[1]["file"] for command in runner().read("\n".join(lines)).commands} == {"hand, in/100%: é.py"}


def test_an_exercise_that_cannot_be_tested_is_one_error_at_its_line(
    make_test: Callable[..., Any], make_result: Callable[..., Result], runner: type[Runner]
) -> None:
    tests = [make_test(f"test_{n}", "failed", reason="bad syntax", evidence={"line": 3}) for n in range(4)]
    broken = exercise_result("adder", "Add", tests, "cannot be tested", "bad syntax")
    ((_, properties, _),) = runner().read("\n".join(github.errors(make_result(broken)))).commands
    assert properties == {"file": "adder/adder.py", "line": "3", "title": "cannot be tested"}


@pytest.mark.parametrize(("failures", "told"), [(10, 10), (11, 10), (40, 10)])
def test_no_more_errors_than_are_shown(
    make_test: Callable[..., Any], make_result: Callable[..., Result], failures: int, told: int
) -> None:
    tests = [make_test(f"test_{number}", "failed", reason=str(number)) for number in range(failures)]
    lines = github.errors(make_result(exercise_result("adder", "Add", tests)))
    assert len(lines) == told
    assert lines[-1].endswith("see the summary of the job") == (failures > 10)


def output(result: Result, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.b64decode(github_output.encoded(result, **options)))
    return found


def test_step_output_has_the_fields_that_the_reporter_reads(one_of_each: Result) -> None:
    data = output(one_of_each, files={"adder": "src/adder.py"})
    assert (data["version"], data["status"], data["max_score"]) == (1, "fail", 9.75)
    fields = {"name", "status", "score", "max_score", "message", "test_code", "filename", "line_no", "duration"}
    assert all(test.keys() == fields for test in data["tests"])
    assert [test["status"] for test in data["tests"]] == ["pass", "fail", "fail", "fail", "error", "fail"]
    line = data["tests"][2]
    assert (line["filename"], line["line_no"], line["score"]) == ("src/adder.py", 12, 0.25)


def test_status_is_that_of_the_whole(make_test: Callable[..., Any], make_result: Callable[..., Result]) -> None:
    def status(*verdicts: str) -> str:
        tests = [make_test(f"test_{number}", verdict) for number, verdict in enumerate(verdicts)]
        return str(output(make_result(exercise_result("adder", "Add", tests)))["status"])

    assert [status("passed"), status("passed", "inconclusive"), status("failed", "inconclusive")] == [
        "pass",
        "error",
        "fail",
    ]


def test_reporter_comes_to_the_same_notices(one_of_each: Result, runner: type[Runner]) -> None:
    ours = runner().read("\n".join(github.notices(one_of_each))).commands
    (line,) = github_output.render(one_of_each).decode().splitlines()
    assert runner.reporter(line.removeprefix("result=")).commands == ours


def test_step_output_fits_into_a_variable(make_test: Callable[..., Any], make_result: Callable[..., Result]) -> None:
    tests = [make_test(f"test_{number}", "failed", 3.0, reason=f"{number} " + "é" * 80_000) for number in range(150)]
    result = make_result(exercise_result("adder", "Add", tests))
    assert len(github_output.encoded(result)) < 128 * 1024
    assert len(output(result)["tests"]) == 150
    assert sum(test["score"] for test in output(result)["tests"]) == result.score
