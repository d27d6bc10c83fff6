"""The form `junit`: XML in the shape of pytest's `xunit2`, for CI systems.

A suite is an exercise. What is not decided is skipped, not failed. Points are properties of suites and tests;
`mark` and `max_mark` are those of the whole submission, after the course's policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from grader.reports import safe
from grader.reports.message import message
from grader.reports.wording import number
from grader.results import ExerciseResult, Result, TestResult

_LONGEST_SUMMARY = 200


def render(result: Result) -> bytes:
    """The result as XML in UTF-8."""
    root = Element("testsuites", {"name": "threadlab"})
    for exercise in result.exercises:
        root.append(_suite(exercise, result))
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + safe.in_xml(tostring(root, "unicode")).encode() + b"\n"


def _suite(exercise: ExerciseResult, result: Result) -> Element:
    verdicts = [test.verdict for test in exercise.tests]
    suite = _element(
        "testsuite",
        name=exercise.name,
        errors="0",
        failures=str(verdicts.count("failed")),
        skipped=str(verdicts.count("inconclusive")),
        tests=str(len(verdicts)),
        time=_seconds(exercise.tests),
    )
    suite.append(
        _properties(
            submission=result.submission,
            mark=number(result.score),
            max_mark=number(result.max_score),
            score=number(exercise.score),
            max_score=number(exercise.max_score),
            inconclusive=number(exercise.inconclusive),
            status=exercise.status,
            **({"flags": "\n".join(exercise.flags)} if exercise.flags else {}),
        )
    )
    suite.extend(_case(test, exercise) for test in exercise.tests)
    return suite


def _case(test: TestResult, exercise: ExerciseResult) -> Element:
    place = f"{exercise.name}.{test.group}"
    case = _element("testcase", classname=place, name=test.name, time=_seconds([test]))
    points = {"score": number(test.score), "max_score": number(test.max_score)}
    case.append(_properties(**points, visibility=test.visibility))
    summary = test.reason.partition("\n")[0][:_LONGEST_SUMMARY]
    if test.verdict == "failed":
        _put(case, "failure", message(test, exercise, printed=False), message=summary)
    elif test.verdict == "inconclusive":
        _put(case, "skipped", message(test, exercise), type="inconclusive", message=summary)
    output = test.evidence.get("output")
    if test.visibility == "public" and isinstance(output, str) and output:
        _put(case, "system-out", output)
    return case


def _element(tag: str, **attributes: str) -> Element:
    return Element(tag, {name: safe.for_xml(value) for name, value in attributes.items()})


def _put(parent: Element, tag: str, text: str, **attributes: str) -> None:
    child = SubElement(parent, tag, {name: safe.for_xml(value) for name, value in attributes.items()})
    child.text = safe.for_xml(text)


def _properties(**values: str) -> Element:
    found = Element("properties")
    found.extend(_element("property", name=name, value=value) for name, value in values.items())
    return found


def _seconds(tests: Sequence[TestResult]) -> str:
    return f"{sum(test.duration for test in tests):.3f}"
