"""Which failed tests are told together."""

from __future__ import annotations

from grader.reports.failures import failures
from grader.results import TestResult


def failed(name: str, reason: str, rule: str = "A rule.", kind: str = "exception") -> TestResult:
    return TestResult(name, "correctness", "public", "failed", 0.0, 1.0, reason, rule, {"kind": kind}, 0.0)


def names(tests: list[TestResult]) -> list[list[str]]:
    return [[test.name for test in failure.tests] for failure in failures(tests)]


def test_nothing_failed_is_nothing_to_tell() -> None:
    assert failures([]) == []


def test_tests_with_the_same_reason_are_one_failure_in_order() -> None:
    tests = [failed("a", "KeyError"), failed("b", "stuck"), failed("c", "KeyError"), failed("d", "stuck")]
    assert names(tests) == [["a", "c"], ["b", "d"]]


def test_reasons_must_be_the_very_same() -> None:
    assert names([failed("a", "1 thread"), failed("b", "2 threads")]) == [["a"], ["b"]]


def test_rules_of_a_failure_are_those_that_all_its_tests_check() -> None:
    tests = [failed("a", "KeyError", "One.\nTwo.\nThree."), failed("b", "KeyError", "Three.\nTwo.\nFour.")]
    assert failures(tests)[0].rules == ("Two.", "Three.")


def test_one_cause_is_told_once_though_it_breaks_different_rules() -> None:
    found = failures([failed("a", "KeyError", "One."), failed("b", "KeyError", "Two.")])
    assert [failure.rules for failure in found] == [()]


def test_bare_words_about_different_rules_are_told_apart() -> None:
    reason = "the rule is broken"
    tests = [failed("a", reason, "One.", "assertion"), failed("b", reason, "Two.", "assertion")]
    tests += [failed("c", reason, "One.", "assertion")]
    assert [(failure.rules, len(failure.tests)) for failure in failures(tests)] == [(("One.",), 2), (("Two.",), 1)]


def test_words_about_a_common_rule_are_told_once() -> None:
    tests = [failed("a", "too few", "One.\nTwo.", "assertion"), failed("b", "too few", "Two.", "assertion")]
    assert [failure.rules for failure in failures(tests)] == [("Two.",)]


def test_test_without_a_rule_is_told() -> None:
    assert [failure.rules for failure in failures([failed("a", "KeyError", "")])] == [()]
