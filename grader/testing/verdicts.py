"""From what a test ended with to its verdict: passed, failed or inconclusive, with reason and evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from grader.results import Verdict
from grader.testing.outcomes import Inconclusive, RuleBroken

EVIDENCE: pytest.StashKey[dict[str, Any]] = pytest.StashKey()
"""What a test has attached to its result."""

WITNESSED: pytest.StashKey[Callable[[], dict[str, Any]]] = pytest.StashKey()
"""Gives what was seen of the student process, for a test that did not pass."""
FLAGS: pytest.StashKey[list[str]] = pytest.StashKey()
"""What the program of a test has tried that no honest one does."""
NO_FLAGS: list[str] = []

_STRANGE_VALUE = (TypeError, AttributeError, LookupError, ValueError, ArithmeticError)


@dataclass(frozen=True)
class Judgement:
    """The verdict on one test."""

    verdict: Verdict
    reason: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)
    details: str = ""
    """For the test's author: pytest's own words, with inputs and code. Not for hidden tests' readers."""


def judge(item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException] | None) -> Judgement:
    """The verdict on a test that ended with this exception, or with none."""
    attached: dict[str, Any] = item.stash.get(EVIDENCE, {})
    if excinfo is None:
        return Judgement("passed", evidence=attached)
    if WITNESSED in item.stash:
        attached = item.stash[WITNESSED]() | attached
    error = excinfo.value
    if isinstance(error, RuleBroken):
        return Judgement("failed", error.reason, attached | error.evidence)
    if isinstance(error, Inconclusive):
        return Judgement("inconclusive", error.reason, attached | error.evidence)
    if isinstance(error, AssertionError):
        message, details = _split(str(error))
        return Judgement("failed", message, attached | {"kind": "assertion"}, details)
    if isinstance(error, _STRANGE_VALUE) and excinfo.traceback[-1].path == item.path:
        # The test's own line could not handle what the student's code gave it; it can handle the reference's.
        reason = "your code gave a value of another kind than the rule asks for"
        return Judgement("failed", reason, attached | {"kind": "strange value"}, excinfo.exconly())
    reason = f"the grader itself failed: {excinfo.exconly(tryshort=True).splitlines()[0][:300]}"
    where = f"{excinfo.traceback[-1].path}:{excinfo.traceback[-1].lineno + 1}"
    return Judgement("inconclusive", reason, attached | {"kind": "grader's fault", "where": where})


def _split(text: str) -> tuple[str, str]:
    """The author's message, and what pytest's assertion rewriting added to it."""
    if text.startswith("assert "):
        return "", text
    message, _, details = text.partition("\nassert ")
    return message.strip(), details
