"""What came of an attack is compared with what must: each thing that may be amiss is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.corpus import Attack
from tests.attacks.judging import deviations
from tests.attacks.running import SECRET, Run


def attack(**fields: str) -> Attack:
    named = {key.replace("_", " "): value for key, value in fields.items()}
    return Attack(Path("leaving/leaves.py"), {"tries": "to leave", **named})


def told(*verdicts: str, status: str = "graded", reason: str = "it left", **more: Any) -> dict[str, Any]:
    tests = [
        {
            "name": f"test_{number}",
            "group": "correctness",
            "visibility": "public",
            "verdict": verdict,
            "score": float(verdict == "passed"),
            "max_score": 1.0,
            "reason": "" if verdict == "passed" else reason,
            "rule": "",
            "evidence": {},
            "duration": 0.1,
        }
        for number, verdict in enumerate(verdicts)
    ]
    score = float(verdicts.count("passed"))
    points = {"score": score, "max_score": float(len(verdicts)), "inconclusive": float(verdicts.count("inconclusive"))}
    exercise = {
        "name": "double",
        "title": "Twice",
        "status": status,
        "reason": "",
        "tests": tests,
        "notes": [],
        **points,
    }
    return {"submission": "x", "exercises": [exercise], "environment": {}, "pack": "", "notes": [], **points, **more}


def run(result: dict[str, Any] | None, status: int | None = 0, errors: str = "", **left: Any) -> Run:
    return Run(status, json.dumps(result) if result else "", errors, **left)


FAILED = told("failed", "failed")
PASSED = told("passed", "passed")


def test_what_must_come_out_deviates_in_nothing() -> None:
    assert deviations(attack(outcome="F", reason="left"), "jail", run(FAILED)) == []
    assert deviations(attack(outcome="N"), "jail", run(PASSED)) == []
    assert deviations(attack(outcome="N", fails="test_1"), "jail", run(told("passed", "failed"))) == []
    assert deviations(attack(outcome="F", passes="test_1"), "jail", run(told("failed", "passed"))) == []
    assert deviations(attack(outcome="E"), "jail", run(told("failed", status="cannot be tested"))) == []
    assert deviations(attack(outcome="R", reason="a link"), "jail", run(None, 2, "grade: x is a link")) == []


@pytest.mark.parametrize(
    ("given", "came", "words"),
    [
        (attack(outcome="F"), run(told("failed", "passed")), "1 points forged"),
        (attack(outcome="F"), run(told("failed", "inconclusive")), "inconclusive where it must be failed"),
        (attack(outcome="N"), run(told("passed", "failed")), "failed where it must be passed"),
        (attack(outcome="E"), run(FAILED), "is 'graded' where it must be 'cannot be tested'"),
        (attack(outcome="R"), run(PASSED), "it was taken"),
        (attack(outcome="R", reason="a link"), run(None, 2, "a pipe"), "does not say 'a link'"),
        (attack(outcome="N"), run(None, 3, "a fault"), "the exit status is 3"),
        (attack(outcome="N"), run(None, None), "never ended"),
        (attack(outcome="N"), run(None), "there is no result"),
        (attack(outcome="F", reason="stuck"), run(FAILED), "no reason says 'stuck'"),
        (attack(outcome="F", fails="test_9"), run(FAILED), "there is no such test"),
        (attack(outcome="N", says="conftest.py"), run(PASSED), "no note says"),
        (attack(outcome="N", flag="process"), run(PASSED), "no flag says 'process'"),
        (attack(outcome="N"), run(PASSED, processes=["sleep 9"]), "a process is left: sleep 9"),
        (attack(outcome="N"), run(PASSED, files=["/tmp/x"]), "a file is left: /tmp/x"),
        (
            attack(outcome="N"),
            run(told("passed", submission="REACHED /etc/shadow")),
            "it got through: REACHED /etc/shadow",
        ),
        (attack(outcome="N"), run(PASSED, connections=1), "it got through: to the listener"),
        (attack(outcome="N"), run(told("passed", submission=SECRET)), "a secret"),
        (attack(outcome="N"), run(PASSED, errors="\x1b[2J"), r"standard error: raw '\x1b'"),
        (attack(outcome="N", not_held="why", leaves="/tmp/x"), run(PASSED), "was to be left behind, and was not"),
    ],
)
def test_what_is_amiss_is_told(given: Attack, came: Run, words: str) -> None:
    assert any(words in line for line in deviations(given, "jail", came)), deviations(given, "jail", came)


def test_what_a_tier_cannot_hold_may_get_through_there() -> None:
    reached = run(told("passed", submission="REACHED /tmp/x"), files=["/tmp/x"])
    given = attack(outcome="N", flag="write", leaves="/tmp/x", not_held_at_limits="anybody may write there")
    assert deviations(given, "limits", reached) == []
    assert len(deviations(given, "jail", reached)) == 3


def test_a_flag_is_found_wherever_it_is() -> None:
    flagged = told("passed", flags=["double: left a process behind"])
    assert deviations(attack(outcome="N", flag="a process"), "jail", run(flagged)) == []
