"""The instructor's page: what it works out, in which order it shows it, and that names stay names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.reports.course_page import Student, Test, discrimination, render, write_course_page

EASY, HARD, ODD = (Test("sum", f"test_{name}", "races", 1.0) for name in ("easy", "hard", "odd"))
HOSTILE = "</script><script>alert(1)</script>\u202e=cmd()"


def student(number: int, **fields: object) -> Student:
    """Students pass more the higher their number; all pass EASY, and ODD just those below the middle."""
    passes = {EASY: True, HARD: number >= 15, ODD: number < 15}
    verdicts = {(test.exercise, test.name): "passed" if passed else "failed" for test, passed in passes.items()}
    known: dict[str, object] = {"exercises": {"sum": float(number)}, "verdicts": verdicts}
    return Student(f"student {number:02}", float(number), 30.0, **(known | fields))  # type: ignore[arg-type]


MANY = [student(number) for number in range(30)]


def test_a_test_that_the_strong_pass_discriminates() -> None:
    hard, odd = discrimination(HARD, MANY), discrimination(ODD, MANY)
    assert hard is not None and odd is not None and hard > 0.8 and odd < -0.8
    assert discrimination(EASY, MANY) is None, "all pass it"


def test_of_few_students_nothing_is_said() -> None:
    assert discrimination(HARD, MANY[:9]) is None
    assert discrimination(HARD, []) is None


def test_what_was_not_decided_counts_for_nobody() -> None:
    open_ones = [student(n, verdicts={("sum", "test_hard"): "inconclusive"}) for n in range(30)]
    assert discrimination(HARD, open_ones) is None


def test_flagged_and_undecided_come_first() -> None:
    rows = [student(1), student(2, inconclusive=1.0), student(3, flags=("looked for tests",)), student(0)]
    names = re.findall(r'<th scope="row">(student \d\d)', render(rows, [EASY]).decode())
    assert names == ["student 03", "student 02", "student 00", "student 01"]


def test_a_test_that_discriminates_badly_is_marked() -> None:
    page = render(MANY, [EASY, HARD, ODD]).decode()
    assert page.count('class="bad"') == 1 and 'class="bad">-0.8' in page


def test_mean_median_and_distribution() -> None:
    page = render(MANY, [EASY]).decode()
    assert "<dt>mean</dt><dd>14.5</dd>" in page and "<dt>median</dt><dd>14.5</dd>" in page
    assert sum(int(found) for found in re.findall(r"<b>(\d+)</b><i style", page)) == 30


@pytest.mark.parametrize("count", [0, 1])
def test_a_course_of_nobody_or_one_has_a_page(count: int, tmp_path: Path) -> None:
    write_course_page(MANY[:count], [], tmp_path / "course.html", "Few")
    assert b"Few" in (tmp_path / "course.html").read_bytes()


def test_names_and_flags_stay_text() -> None:
    row = Student(HOSTILE, 1.0, 1.0, flags=(HOSTILE,), report=HOSTILE)
    page = render([row], [Test(HOSTILE, HOSTILE, HOSTILE, 1.0)], HOSTILE).decode()
    assert "<script>alert" not in page and "\u202e" not in page and page.count("<script") == 1


@pytest.mark.parametrize("report", ["javascript:alert(1)", "//evil.example/x", "/etc/passwd", 'a"b/report.html'])
def test_a_link_leads_to_a_file_beside_the_page(report: str) -> None:
    (link,) = re.findall(r'href="(\./[^"]*)"', render([Student("a", 1.0, 1.0, report=report)], []).decode())
    assert ":" not in link and not link.startswith(".//")


def test_two_thousand_students_fit() -> None:
    rows = [student(number % 30, report="feedback/x/report.html") for number in range(2_000)]
    assert len(render(rows, [EASY, HARD, ODD] * 60)) < 5 << 20
