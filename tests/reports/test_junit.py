"""JUnit XML as other programs read it, and in the very shape of pytest's."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.reports import junit
from grader.results import Result


def read(result: Result) -> ElementTree.Element:
    return ElementTree.fromstring(junit.render(result))


def shape(root: ElementTree.Element) -> dict[str, set[str]]:
    """What is in what, and with which attributes."""
    found: dict[str, set[str]] = {}
    for element in root.iter():
        found.setdefault(element.tag, set()).update(element.keys(), (f"<{child.tag}>" for child in element))
    return found


def test_counts_are_those_of_the_tests(one_of_each: Result) -> None:
    suites = read(one_of_each).findall("testsuite")
    counts = [
        [suite.get(key) for key in ("name", "tests", "failures", "skipped", "errors", "time")] for suite in suites
    ]
    assert counts == [["adder", "5", "3", "1", "0", "1.250"], ["server", "1", "1", "0", "0", "0.250"]]
    for suite in suites:
        assert len(suite.findall("testcase")) == int(suite.get("tests", ""))
        assert len(suite.findall("testcase/failure")) == int(suite.get("failures", ""))
        assert len(suite.findall("testcase/skipped")) == int(suite.get("skipped", ""))


def test_a_failure_tells_rule_reason_story_and_hint(one_of_each: Result) -> None:
    failure = read(one_of_each).find("testsuite/testcase[@name='test_race']/failure")
    assert failure is not None and failure.text is not None
    assert failure.get("message") == "test_race saw"
    assert [line[:6].strip() for line in failure.text.splitlines()][:3] == ["Rule", "Seen", ""]
    assert "\nMainThread    | Thread-1\n" in failure.text and failure.text.endswith("\nHint  Start one.")


def test_what_is_not_decided_is_skipped_and_says_why(one_of_each: Result) -> None:
    skipped = read(one_of_each).find("testsuite/testcase[@name='test_unsure']/skipped")
    assert skipped is not None
    assert (skipped.get("type"), skipped.get("message")) == ("inconclusive", "the machine could not tell")


def test_output_of_hidden_tests_is_not_told(one_of_each: Result) -> None:
    assert b"a secret" not in junit.render(one_of_each)
    assert [found.text for found in read(one_of_each).iter("system-out")] == ["one\ntwo\n"]


def test_points_are_properties(one_of_each: Result) -> None:
    suite = read(one_of_each).find("testsuite")
    assert suite is not None
    found = {each.get("name"): each.get("value") for each in suite.findall("properties/property")}
    assert found == {
        "submission": "alice",
        "mark": "2",
        "max_mark": "9.75",
        "score": "2",
        "max_score": "5.75",
        "inconclusive": "0.75",
        "status": "graded",
        "flags": "forged frames",
    }


def test_shape_is_that_of_pytest(one_of_each: Result, tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(
        "import pytest\n"
        "def test_ok(record_property):\n    print('x')\n    record_property('a', 1)\n"
        "def test_no():\n    assert 0\n"
        "def test_skip():\n    pytest.skip('x')\n"
        "@pytest.fixture(autouse=True, scope='session')\n"
        "def _all(record_testsuite_property):\n    record_testsuite_property('a', 1)\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--junitxml=j.xml",
        "-o",
        "junit_logging=all",
    ]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    theirs, ours = shape(ElementTree.parse(tmp_path / "j.xml").getroot()), shape(read(one_of_each))
    assert ours.keys() <= theirs.keys()
    assert {tag: found - theirs[tag] for tag, found in ours.items() if found - theirs[tag]} == {}


@pytest.mark.parametrize("verdict", ["passed", "failed", "inconclusive"])
def test_nothing_is_text_without_a_name(verdict: str, make_test: Callable[..., object]) -> None:
    from grader.results import exercise_result, result

    test = make_test("", verdict, reason="", rule="")
    empty = result("", [exercise_result("", "", [test])], environment={}, pack="")  # type: ignore[list-item]
    assert len(read(empty).findall("testsuite/testcase")) == 1
