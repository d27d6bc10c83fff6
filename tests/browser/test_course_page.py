"""The instructor's page in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from grader.reports.course_page import Student, Test, render

Open = Callable[..., Any]
TESTS = [Test("sum", "test_hard", "races", 1.0), Test("sum", "test_easy", "correctness", 1.0)]
HOSTILE = "<img src=x onerror=alert(1)>"


def student(number: int) -> Student:
    verdicts = {("sum", "test_hard"): "passed" if number % 3 else "failed", ("sum", "test_easy"): "passed"}
    flags = ("looked for tests",) if number == 7 else ()
    return Student(f"student {number}", float(number % 50), 50.0, {"sum": float(number % 50)}, verdicts,
                   float(number == 8), flags, f"feedback/{number}/report.html")  # fmt: skip


@pytest.fixture
def page(open_page: Open) -> Any:
    """A course of 300."""
    return open_page(render([student(number) for number in range(300)], TESTS, "A course"))


def names(page: Any) -> list[str]:
    return list(page.locator("#rows tbody").first.locator("th").all_inner_texts())


def test_what_needs_a_look_is_first_and_some_are_shown(page: Any) -> None:
    assert names(page)[:3] == ["student 7", "student 8", "student 0"] and len(names(page)) == 100
    page.get_by_role("button", name="Show all of them").click()
    assert len(names(page)) == 300


def test_tables_sort_both_ways(page: Any) -> None:
    head = page.locator("#rows").get_by_role("button", name="points")
    head.click()
    assert page.locator("#rows th[aria-sort=descending]").count() == 1 and names(page)[0] == "student 149"
    head.click()
    assert int(names(page)[0].split()[1]) % 50 == 0
    tests = page.locator("#tests-table")
    tests.get_by_role("button", name="test", exact=True).click()
    assert tests.locator("tbody th").first.inner_text() == "easy"


def test_students_are_filtered(page: Any) -> None:
    page.get_by_label("Name or flag").fill("looked for")
    assert names(page) == ["student 7"]
    page.get_by_label("Name or flag").fill("student 29")
    assert len(names(page)) == 11
    page.get_by_label("Name or flag").fill("")
    page.locator("#which").select_option("undecided")
    assert names(page) == ["student 8"] and "1 of 300 students" in page.locator(".filters output").inner_text()


def test_a_test_shows_who_failed_it(page: Any) -> None:
    page.get_by_role("button", name="hard", exact=True).click()
    assert page.locator(".filters output").inner_text() == "100 of 300 students"
    page.get_by_role("button", name="show all again").click()
    assert page.locator(".filters output").inner_text() == "300 students"


def test_hostile_names_stay_text(open_page: Open) -> None:
    page = open_page(render([Student(HOSTILE, 1.0, 1.0, flags=(HOSTILE,))], [], HOSTILE))
    page.locator("#rows").get_by_role("button", name="student").click()
    assert page.locator("img").count() == 0 and names(page) == [HOSTILE]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(open_page: Open, axe: Callable[[Any], list[str]], scheme: str) -> None:
    page = open_page(render([student(number) for number in range(30)], TESTS, "A course"), color_scheme=scheme)
    assert axe(page) == []


def test_nothing_is_wider_than_a_phone(open_page: Open) -> None:
    page = open_page(render([student(number) for number in range(30)], TESTS, "A course"), width=360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_all_students_are_there_without_scripts(open_page: Open) -> None:
    page = open_page(render([student(number) for number in range(300)], TESTS, "x"), java_script_enabled=False)
    assert page.locator("#rows tbody tr:visible").count() == 300
