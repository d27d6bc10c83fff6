"""What a user types, and which test is meant by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.course import load_course
from grader.course_model import Exercise
from grader.lookup import Asked, NotFound, find_test, split_schedule

if TYPE_CHECKING:
    from tests.conftest import Course


@pytest.fixture
def exercises(course: Course) -> tuple[Exercise, ...]:
    return load_course(course.root).exercises


@pytest.mark.parametrize(
    ("typed", "test"),
    [
        ("test_twice", "test_twice"),
        ("twice", "test_twice"),
        ("twice_of_a_fraction", "test_twice_of_a_fraction"),
        ("own_thread", "test_work_has_its_own_thread"),
    ],
)
def test_a_test_is_found(exercises: tuple[Exercise, ...], typed: str, test: str) -> None:
    assert find_test(typed, exercises) == Asked("double", test)


def test_several_are_listed(exercises: tuple[Exercise, ...]) -> None:
    with pytest.raises(NotFound, match=r"could be twice, twice_of_a_fraction; write more"):
        find_test("twi", exercises)


def test_one_that_comes_near_is_suggested(exercises: tuple[Exercise, ...]) -> None:
    with pytest.raises(NotFound, match='did you mean "work_has_its_own_thread"'):
        find_test("work_has_its_own_tread", exercises)


def test_the_same_name_in_two_exercises_is_told_apart(course: Course) -> None:
    course.names = ("double", "triple")
    with pytest.raises(NotFound, match=r"twice \(double\), twice \(triple\)"):
        find_test("test_twice", load_course(course.write().root).exercises)


def test_a_hidden_test_that_is_not_here_is_said_so(course: Course) -> None:
    (course.root / "solutions" / "double" / "test_hidden.py").unlink()
    with pytest.raises(NotFound, match="run by your instructor"):
        find_test("own_thread", load_course(course.root).exercises)


@pytest.mark.parametrize(
    "schedule", ["-", "15.2", "3.1-15.2-20.0", "-@lowest", "3.1@highest", "random:5", "priorities:1:3:90"]
)
def test_schedules_as_reports_show_them(schedule: str) -> None:
    assert split_schedule(f"lost:{schedule}") == ("lost", schedule)


@pytest.mark.parametrize("typed", ["", "lost", "lost:", ":15.2", "lost:15", "lost:15.2-", "lost:guided:1", "lost:$(x)"])
def test_what_is_none_is_refused(typed: str) -> None:
    with pytest.raises(NotFound):
        split_schedule(typed)
