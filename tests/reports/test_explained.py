"""Everything about one test, in the terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from grader.reports.explained import print_explained
from grader.results import Result, exercise_result, result
from tests.browser.samples import every_kind, told


def explained(value: Result, unfolded: int = 1, width: int = 80) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=False, color_system=None)
    print_explained(value, console, lambda exercise, rule: ("Look.", "Look closer."), unfolded)
    return file.getvalue()


def test_each_kind_of_evidence_is_told() -> None:
    text = explained(every_kind())
    for words in (
        "failed lost 0/1", "Rule  All of it `is` joined.", "Where Thread-1 (fetch): is in a function of the test",
        "caller 1 |", "expected:", "^ the first tick that differs", "passed good 1/1", "Printed hello",
    ):  # fmt: skip
        assert words in text, words


def test_hints_are_for_what_has_not_passed() -> None:
    one = result("x", [exercise_result("e", "", [told("test_a", "passed")])], environment={}, pack="")
    assert "Hint" not in explained(one)
    assert "Look closer." not in explained(every_kind(), 1) and "Look closer." in explained(every_kind(), 2)


def test_what_a_hidden_test_printed_is_not_told() -> None:
    import msgspec

    hidden = msgspec.structs.replace(told("test_a", output="secret"), visibility="hidden")
    assert "secret" not in explained(result("x", [exercise_result("e", "", [hidden])], environment={}, pack=""))


@pytest.mark.parametrize("width", [20, 40, 200])
def test_it_fits_where_there_is_little_room(width: int) -> None:
    assert explained(every_kind(), width=width)


def test_a_bar_that_never_ends_reaches_the_edge() -> None:
    lanes = [line for line in explained(every_kind()).splitlines() if " |" in line and line.rstrip().endswith(">")]
    assert len(lanes) == 2
