"""Groups tests that did not pass, so that one cause is told once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from grader.results import TestResult

_ABOUT_THE_RULE = ("assertion", "strange value")
"""Kinds of evidence whose reason may say no more than that the rule is broken."""


@dataclass(frozen=True)
class Failure:
    """One cause, and the tests that it kept from passing."""

    reason: str
    rules: tuple[str, ...]
    """The sentences of the contract that every one of the tests checks."""
    tests: tuple[TestResult, ...]


def failures(tests: Iterable[TestResult]) -> list[Failure]:
    """The tests by cause: those with the very same reason together, in the order in which they come.

    Where the reason is about the rule and the tests have no rule in common, they are told apart.

    Args:
        tests: of one exercise and one verdict.
    """
    found = []
    for group in _by(lambda test: test.reason, tests):
        apart = not _common_rules(group) and any(test.evidence.get("kind") in _ABOUT_THE_RULE for test in group)
        parts = _by(lambda test: test.rule, group) if apart else [group]
        found += [Failure(part[0].reason, _common_rules(part), tuple(part)) for part in parts]
    return found


def _by(key: Callable[[TestResult], str], tests: Iterable[TestResult]) -> list[list[TestResult]]:
    groups: dict[str, list[TestResult]] = {}
    for test in tests:
        groups.setdefault(key(test), []).append(test)
    return list(groups.values())


def _common_rules(tests: list[TestResult]) -> tuple[str, ...]:
    first, *others = [[line.strip() for line in test.rule.splitlines() if line.strip()] for test in tests]
    return tuple(rule for rule in first if all(rule in rules for rules in others))
