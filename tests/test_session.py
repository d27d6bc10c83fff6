"""What the grader makes of a session's output, however odd it is."""

from __future__ import annotations

import sys
from typing import Any

import msgspec
import pytest

from grader import session
from grader.results import TestResult
from grader.session import SessionOutcome, run_alone
from grader.testing.plan import Event, Plan

PLAN = Plan(submission="", scratch="", rootdir="", masked=[], tier=None, exercises=[])
GOOD = TestResult(
    name="test_x", group="g", visibility="public", verdict="passed", score=0.0, max_score=1.0, reason="", rule="",
    evidence={}, duration=0.0,
)  # fmt: skip


def line(**fields: Any) -> bytes:
    return msgspec.json.encode(Event(**fields)) + b"\n"


def kept(_: str, test: TestResult) -> TestResult:
    return test


def outcome_of(said: bytes, monkeypatch: pytest.MonkeyPatch, listener: Any = kept) -> SessionOutcome:
    """What comes of a session that says just this."""
    program = f"import sys; sys.stdin.buffer.read(); sys.stdout.buffer.write({said!r})"
    monkeypatch.setattr(session, "_COMMAND", [sys.executable, "-c", program])
    return run_alone(PLAN, listener)


ODD = {
    "no JSON": b"hello\n",
    "NUL bytes": bytes(100) + b"\n",
    "not UTF-8": b'{"fault":"\xff"}\n',
    "an empty line": b"\n",
    "another kind": b"[1]\n",
    "a verdict that is none": b'{"test":{"name":"x"}}\n',
    "deep": b'{"environment":{"a":' + b"[" * 5000 + b"]" * 5000 + b"}}\n",
    "a monstrous number": b'{"environment":{"a":' + b"9" * 6000 + b"}}\n",
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_a_line_that_is_no_event_is_a_fault_and_costs_no_other(odd: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    said = line(exercise="e", test=GOOD) + odd + line(exercise="f", test=GOOD) + line(done=True)
    outcome = outcome_of(said, monkeypatch)
    assert set(outcome.tests) == {("e", "test_x"), ("f", "test_x")}
    (fault,) = outcome.faults
    assert fault.startswith("a verdict was lost: ") and len(fault) < 300


def test_a_listener_that_fails_is_a_fault_and_costs_no_other_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def listener(exercise: str, test: TestResult) -> TestResult:
        if exercise == "e":
            raise KeyError(exercise)
        return test

    said = line(exercise="e", test=GOOD) + line(exercise="f", test=GOOD) + line(done=True)
    outcome = outcome_of(said, monkeypatch, listener)
    assert (set(outcome.tests), outcome.faults) == ({("f", "test_x")}, ["a verdict was lost: KeyError: 'e'"])


def test_a_session_that_says_nothing_but_nonsense_is_not_listened_to_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = outcome_of(b"x\n" * 10_000, monkeypatch)
    assert len(outcome.faults) == 11 and outcome.faults[-1].startswith("the test session ended early")


def test_a_line_without_end_is_not_kept_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_LONGEST_LINE", 1000)
    outcome = outcome_of(b"x" * 5000 + b"\n" + line(done=True), monkeypatch)
    assert len(outcome.faults) == 6  # in pieces, none of which is an event


@pytest.mark.parametrize("said", [b"", line(exercise="e", test=GOOD), line(done=True)[:-5]])
def test_a_session_that_ends_early_is_told(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    assert any(fault.startswith("the test session ended early") for fault in outcome_of(said, monkeypatch).faults)
