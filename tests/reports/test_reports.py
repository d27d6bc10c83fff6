"""The forms that ship, and what it costs to know of them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from grader import reports
from grader.reports import Report
from grader.results import Result, exercise_result, from_json, result, to_json


@pytest.fixture
def graded() -> Result:
    return result("alice", [exercise_result("adder", "Add", [])], environment={}, pack="abc")


def form(name: str) -> Report:
    return next(report for report in reports.SHIPPED if report.name == name)


def test_forms_have_different_names_and_say_what_they_are() -> None:
    names = [report.name for report in reports.SHIPPED]
    assert {
        "terminal",
        "json",
        "junit",
        "markdown",
        "github",
        "github-output",
        "classroom50",
        "gradescope",
        "html",
        "trace",
    } <= {*names}
    assert len({*names}) == len(names)
    assert all(report.description for report in reports.SHIPPED)


def test_json_is_the_result(graded: Result) -> None:
    assert form("json").render(graded) == to_json(graded)
    assert from_json(form("json").render(graded)) == graded


def test_terminal_is_plain_text(graded: Result) -> None:
    text = form("terminal").render(graded).decode()
    assert text.startswith("Submission alice\n")
    assert text.endswith("Score 0 / 0\n")
    assert "\x1b" not in text


def test_the_environment_does_not_change_a_rendered_report(graded: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = form("terminal").render(graded)
    for name, value in {"FORCE_COLOR": "1", "COLUMNS": "30", "TTY_COMPATIBLE": "1", "TERM": "xterm-256color"}.items():
        monkeypatch.setenv(name, value)
    assert form("terminal").render(graded) == plain


@pytest.mark.parametrize("module", ["grader.reports", "grader.reports.progress", "grader.reports.safe"])
def test_rich_is_not_imported_before_it_is_needed(module: str) -> None:
    code = f"import sys, {module}; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
