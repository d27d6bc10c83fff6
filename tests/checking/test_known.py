"""Headers of faulty submissions, and whether verdicts agree with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.checking.headers import Header, HeaderError, read_header
from grader.checking.known import disagreements
from grader.results import ExerciseResult, TestResult, Verdict, exercise_result


def header(tmp_path: Path, text: str) -> Header:
    file = tmp_path / "faulty.py"
    file.write_text(text)
    return read_header(file)


def verdicts(**told: Verdict) -> ExerciseResult:
    tests = [TestResult(name, "g", "public", verdict, 0.0, 1.0, "", "", {}, 0.0) for name, verdict in told.items()]
    return exercise_result("double", "Twice", tests)


def test_a_header_says_what_is_wrong_and_what_must_fail(tmp_path: Path) -> None:
    read = header(
        tmp_path, "# wrong: joins: too late\n# fails: test_a, test_b\n# may fail: test_c\nimport os\n# fails: test_d\n"
    )
    assert read == Header("joins: too late", frozenset({"test_a", "test_b"}), frozenset({"test_c"}))


def test_a_line_without_a_key_goes_on_with_the_one_before(tmp_path: Path) -> None:
    read = header(
        tmp_path, "# wrong: starts each thread and joins it\n#   before the next\n# fails: test_a,\n#   test_b\n"
    )
    assert read == Header(
        "starts each thread and joins it before the next", frozenset({"test_a", "test_b"}), frozenset()
    )


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("", "wrong"),
        ("import os\n", "wrong"),
        ("# fails: test_a\n", "wrong"),
        ("# wrong: x\n", "fails"),
        ("# wrong: x\n# fails:\n", "fails"),
    ],
)
def test_a_header_that_says_too_little_is_told(tmp_path: Path, text: str, missing: str) -> None:
    with pytest.raises(HeaderError, match=f"faulty.py: the head has no `# {missing}: ...` line"):
        header(tmp_path, text)


EXPECTED = Header("x", frozenset({"must"}), frozenset({"may"}))


def test_verdicts_as_the_header_has_them_agree() -> None:
    assert disagreements(EXPECTED, verdicts(must="failed", may="failed", other="passed")) == []
    assert disagreements(EXPECTED, verdicts(must="failed", may="passed", other="passed")) == []
    assert disagreements(EXPECTED, verdicts(must="failed", may="inconclusive", other="passed")) == []


def test_every_disagreement_is_told() -> None:
    assert disagreements(EXPECTED, verdicts(must="passed", may="inconclusive", other="failed")) == [
        "must: must fail and passed",
        "other: must pass and failed",
    ]


def test_a_name_of_no_test_is_told() -> None:
    assert disagreements(EXPECTED, verdicts(must="failed")) == ["may: no such test"]
