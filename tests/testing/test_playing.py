"""The tree of choices: all of them are followed as far as the budget reaches, and each end is judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from grader import wire
from grader.testing import playing
from grader.testing.playing import Playing

Story = dict[str, Any]


def observed(**more: Any) -> wire.Observed:
    known: dict[str, Any] = {
        "schedule": "guided", "ending": "done", "problem": "", "results": {}, "left": {}, "there": {}, "entries": [],
        "stuck": [], "errors": [], "threads": 2, "switches": "-",
    }  # fmt: skip
    return wire.Observed(**known | more)


def two_threads(choices: list[int]) -> tuple[Story, str]:
    """Threads 1 and 2, each of two steps: "read" and "write". It breaks if both read before one writes."""
    left, order, told, did = {1: 2, 2: 2}, [], [], [[]]
    while any(left.values()):
        can = [thread for thread in left if left[thread]]
        stays = order[-1] if order and left[order[-1]] else -1
        wanted = choices[len(told)] if len(choices) > len(told) else stays
        chosen = wanted if wanted in can else can[0]
        told.append([can, chosen, stays])
        left[chosen] -= 1
        order.append(chosen)
        did.append([[chosen, "/x/sum.py", 4 - left[chosen], "writes x: 1" if left[chosen] == 0 else "reads x: 0"]])
    story = {"tasks": ["MainThread", "A", "B"], "choices": told, "did": did, "waits": [], "error": None}
    return story, "broken" if order[0] != order[1] else ""


def explored(change: Callable[[Story], None] = lambda story: None) -> Callable[[str], wire.Explored]:
    def perform(schedule: str) -> wire.Explored:
        story, problem = two_threads([int(word) for word in schedule.removeprefix("guided:").split(".") if word])
        change(story)
        return wire.Explored(1, [observed(problem=problem)], 0, False, False, story)

    return perform


def judge(seen: wire.Observed) -> tuple[str, str]:
    return ("failed", "it is broken") if seen.problem else ("passed", "")


def source(file: str, line: int) -> str:
    return f"line {line}"


def leaves(play: dict[str, Any]) -> dict[str, str]:
    """How each way ends, by the choices that lead to it."""

    def walk(at: int, way: str) -> dict[str, str]:
        node = play["nodes"][at]
        if "end" in node:
            return {way: node["end"]}
        return {k: v for thread, to in node["next"].items() for k, v in walk(to, way + thread).items()}

    return walk(0, "")


def test_every_order_is_followed_and_judged() -> None:
    play = Playing(explored(), judge, source).as_evidence()
    assert play["complete"] and play["runs"] == 6
    assert leaves(play) == {
        "1122": "passed", "1212": "failed", "1221": "failed", "2112": "failed", "2121": "failed", "2211": "passed",
    }  # fmt: skip


def test_what_was_done_is_told_once_and_pointed_to() -> None:
    play = Playing(explored(), judge, source).as_evidence()
    assert len(play["lines"]) == 4 and [1, 3, "line 3", "reads x: 0"] in play["lines"]
    assert all(0 <= index < 4 for node in play["nodes"] for index in node["did"])
    assert sorted(play["reasons"]) == ["", "it is broken"]


def test_a_budget_that_ends_leaves_choices_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playing, "_MOST_RUNS", 2)
    play = Playing(explored(), judge, source).as_evidence()
    assert not play["complete"] and play["runs"] == 2
    assert any(str(thread) not in node["next"] for node in play["nodes"] if "can" in node for thread in node["can"])


@pytest.mark.parametrize(
    "change",
    [
        lambda story: story.pop("did"),
        lambda story: story["did"].pop(),
        lambda story: story["choices"][0].__setitem__(1, 7),
        lambda story: story["choices"].__setitem__(0, [[1, 99], 1, -1]),
        lambda story: story["did"][1].__setitem__(0, [99, "", 1, ""]),
        lambda story: story.__setitem__("tasks", [1, 2, 3]),
    ],
)
def test_a_malformed_story_gives_nothing_to_play(change: Callable[[Story], None]) -> None:
    assert Playing(explored(change), judge, source).as_evidence() == {}


def test_text_of_the_students_is_safe() -> None:
    def hostile(story: Story) -> None:
        story["tasks"][1] = "\x1b[31m"
        for part in story["did"]:
            for line in part:
                line[3] = "\u202ex"

    play = Playing(explored(hostile), judge, source).as_evidence()
    assert play["threads"][1] == r"\x1b[31m" and {line[3] for line in play["lines"]} == {r"\u202ex"}
