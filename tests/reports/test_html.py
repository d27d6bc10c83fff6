"""The form `html`: everything is told, in one file that loads nothing, and hostile text stays text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from grader.reports.html import render
from grader.results import Result, TestResult, exercise_result, result

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\x1b]0;t\x07\u202e"
PLACE = {"thread": 1, "file": HOSTILE, "line": 3, "source": HOSTILE}
FRAME = {"file": HOSTILE, "line": 1, "function": HOSTILE, "source": HOSTILE}
PLAY = {
    "threads": [HOSTILE, HOSTILE], "complete": False, "runs": 2, "reasons": [HOSTILE],
    "lines": [[1, 3, HOSTILE, HOSTILE]],
    "nodes": [{"did": [], "can": [0, 1], "next": {"1": 1, "0": 2}}, {"did": [0], "end": "failed", "reason": 0},
              {"did": [0], "end": "failed", "reason": 0}],
}  # fmt: skip
EVIDENCE: dict[str, Any] = {
    "output": HOSTILE,
    "schedule": "3.1",
    "interleaving": {"threads": [HOSTILE] * 2, "steps": [PLACE | {"did": [HOSTILE]}],
                     "error": {"thread": 1, "text": HOSTILE},
                     "ends": [PLACE | {"holds": [HOSTILE], "waits_for": HOSTILE}]},
    "play": PLAY,
    "threads": [{"thread": HOSTILE, "waits_in": "join", "waits_for": HOSTILE, "frames": [FRAME]}],
    "gantt": {"got": [HOSTILE], "expected": ["A"], "about": HOSTILE},
    "history": {"lanes": [HOSTILE], "length": 2, "left_out": 0,
                "spans": [{"lane": 0, "kind": "probe", "label": HOSTILE, "began": 1, "ended": 2, "held": True}]},
}  # fmt: skip


def told(name: str = "test_a", **fields: Any) -> TestResult:
    known: dict[str, Any] = {
        "group": "races", "visibility": "public", "verdict": "failed", "score": 0.0, "max_score": 1.0,
        "reason": "It is `broken`.", "rule": "A rule.", "evidence": {}, "duration": 0.1,
    }  # fmt: skip
    return TestResult(name=name, **(known | fields))


def graded(*tests: TestResult, **fields: Any) -> Result:
    return result(
        "alice", [exercise_result("adder", "Add two numbers", list(tests), **fields)], environment={}, pack="abc"
    )


def text(value: Result, **options: Any) -> str:
    return render(value, **options).decode()


class Elements(HTMLParser):
    """The elements of a page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def hostile() -> Result:
    bad = told(HOSTILE, reason=HOSTILE, rule=HOSTILE, group=HOSTILE, evidence=EVIDENCE)
    exercise = exercise_result(HOSTILE, HOSTILE, [bad], notes=[HOSTILE])
    return result(
        HOSTILE, [exercise], environment={"python": HOSTILE, "system": HOSTILE}, pack=HOSTILE, notes=[HOSTILE]
    )


def test_hostile_text_stays_text() -> None:
    page = text(hostile(), hints=lambda exercise, rule: (HOSTILE,))
    assert "<img" not in page and "<script>alert" not in page and "\x1b" not in page and "\u202e" not in page
    assert page.count("<script") == page.count("</script>") == 3, (
        "its own script, and the data of a story and of a game"
    )
    assert not [name for _, attrs in Elements(page).found for name in attrs if name.startswith("on")]


def test_the_page_loads_nothing_and_forbids_itself_to() -> None:
    page = text(graded(told(evidence=EVIDENCE)))
    for tag, attributes in Elements(page).found:
        assert tag not in ("img", "iframe", "object", "embed", "base", "form", "link"), tag
        assert not {"src", "srcset", "action", "data"} & attributes.keys(), tag
        assert not (attributes.get("href") or "#").strip() or (attributes.get("href") or "#").startswith("#")
    assert "default-src 'none'" in page and not re.search(r"url\((?!#)|@import", page)


def test_every_id_is_there_once_and_every_link_has_its_place() -> None:
    page = text(
        graded(told("test_a", evidence=EVIDENCE), told("test_b", reason="other"), told("test_c", verdict="passed"))
    )
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"', page)) <= set(ids)


def test_rule_reason_hints_and_commands_are_told() -> None:
    page = text(graded(told(evidence=EVIDENCE)), hints=lambda exercise, rule: ("Look closely.", "Use a lock."))
    for words in ("A rule.", "It is <code>broken</code>.", "Hint 1 of 2", "Look closely.", "grade replay a:3.1"):
        assert words in page, words


def test_what_a_hidden_test_printed_is_not_shown() -> None:
    assert "secret" not in text(graded(told(visibility="hidden", evidence={"output": "secret"})))
    assert "secret" in text(graded(told(evidence={"output": "secret"})))


def test_one_cause_is_told_once_for_all_its_tests() -> None:
    page = text(graded(told("test_a"), told("test_b"), told("test_c", reason="other")))
    assert page.count('<article class="card') == 2


def test_what_was_not_decided_is_kept_apart() -> None:
    page = text(graded(told(verdict="inconclusive", reason="the machine could not tell")))
    assert "1 point could not be decided" in page and "Not decided" in page


def test_an_exercise_that_was_not_started_is_told_in_a_line() -> None:
    page = text(graded(told(reason="x"), status="not started", reason="adder.py is still the stub"))
    assert "not started: adder.py is still the stub" in page and '<article class="card' not in page


def test_a_page_does_not_grow_without_bound() -> None:
    lines = [[1, 3, "x", f"reads x: {'y' * 150} {number}"] for number in range(1_000)]
    many = [told(f"test_{n}", reason=str(n), evidence=EVIDENCE | {"play": PLAY | {"lines": lines}}) for n in range(12)]
    page = render(graded(*many))
    assert len(page) < 1 << 20 and 1 <= page.count(b'<script type="application/json" data-play') < 12
