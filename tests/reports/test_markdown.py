"""The Markdown of a result: what is in it, and that it stays within what GitHub takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.reports import markdown
from grader.results import Result, exercise_result


def lines(result: Result) -> list[str]:
    return markdown.render(result).decode().splitlines()


def test_begins_with_the_points_and_a_table(one_of_each: Result) -> None:
    assert lines(one_of_each)[:6] == [
        "## 2 / 9.75 points",
        "",
        "| Exercise | Points | Passed | Failed | Not decided |",
        "|---|--:|--:|--:|--:|",
        "| `adder` | 2 / 5.75 | 1 | 3 | 1 |",
        "| `server` | 0 / 4 | 0 | 1 | 0 |",
    ]


def test_a_failure_has_its_points_and_a_fence_with_rule_reason_story_and_hint(one_of_each: Result) -> None:
    text = markdown.render(one_of_each).decode()
    piece = text[text.index("`race`") : text.index("`line`")].splitlines()
    assert piece[:4] == [
        "`race` 0.5 / 2 hidden",
        "",
        "```text",
        "Rule  `sum_chunk` is called in that chunk's own new thread.",
    ]
    assert piece[4:] == [
        "Seen  test_race saw",
        "        a reason",
        "How   when the threads take turns like this:",
        "MainThread    | Thread-1",
        "--------------+---------",
        "5 total += 1  |",
        "Hint  Start one.",
        "```",
        "",
    ]


def test_what_is_not_decided_stands_apart_and_last(one_of_each: Result) -> None:
    text = markdown.render(one_of_each).decode()
    assert "\n0.75 points not decided, flagged for your instructor.\n" in text
    apart = text[text.index("### `adder`, not decided") :]
    assert "`unsure` 0 / 0.75" in apart and "Why   the machine could not tell" in apart and "`race`" not in apart


def test_an_exercise_not_graded_has_its_one_reason(one_of_each: Result) -> None:
    text = markdown.render(one_of_each).decode()
    assert "### `server`\n\n```text\nnot started: server.py is still the stub\n```\n" in text
    assert "`reply`" not in text


def test_notes_and_missing_confinement_are_told(one_of_each: Result, make_result: Callable[..., Result]) -> None:
    text = markdown.render(one_of_each).decode()
    notes = ["Only the public tests are here.", "adder: found in Adder.py"]
    notes.append("Flagged for your instructor: adder: forged frames")
    assert "```text\n" + "\n".join(notes) + "\n```" in text
    bare = make_result(*one_of_each.exercises, environment={"tier": "limits", "guarantees": []})
    assert "Ran at tier limits: no protection of files, network, processes" in markdown.render(bare).decode()


def test_hidden_output_is_not_told(one_of_each: Result) -> None:
    text = markdown.render(one_of_each).decode()
    assert "a secret" not in text and "Printed:\none\ntwo\n" in text


def test_all_well_is_a_table_alone(make_test: Callable[..., Any], make_result: Callable[..., Result]) -> None:
    result = make_result(exercise_result("adder", "Add", [make_test("test_a")]))
    assert lines(result)[4:] == ["| `adder` | 1 / 1 | 1 | 0 | 0 |"]


def test_a_comment_on_github_has_room_for_it(make_test: Callable[..., Any], make_result: Callable[..., Result]) -> None:
    tests = [make_test(f"test_{number}", "failed", reason=f"{number}\n" + "é" * 9_000) for number in range(300)]
    tests += [make_test(f"test_more_{number}", "failed", reason="same") for number in range(300)]
    text = markdown.render(make_result(exercise_result("adder", "Add", tests))).decode()
    assert len(text) < 65_536
    assert text.count("```") % 2 == 0
    assert "failures more that there is no room for" in text


def test_same_reason_is_told_once(make_test: Callable[..., Any], make_result: Callable[..., Result]) -> None:
    tests = [make_test(f"test_{number}", "failed", reason="KeyError") for number in range(9)]
    text = markdown.render(make_result(exercise_result("adder", "Add", tests))).decode()
    assert text.count("KeyError") == 1 and "and 5 more for the same reason" in text
