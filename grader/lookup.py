"""Finds what a user means by a test's name, or by a test and a schedule of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grader.course_model import Exercise, quoted, suggestion

_SCHEDULE = re.compile(
    r"(-|\d+\.\d+(-\d+\.\d+)*)(@(next|lowest|highest))?"
    r"|(random|sticky|events):\d+|priorities:\d+:\d+:\d+|lockstep:\d+:\d+"
)
_MOST_LISTED = 8


class NotFound(Exception):
    """There is no such test, or several; the message says which come near."""


@dataclass(frozen=True)
class Asked:
    """A test that was asked for."""

    exercise: str
    test: str


def find_test(typed: str, exercises: Iterable[Exercise]) -> Asked:
    """The test that a user means: its name, with or without `test_`, or a part that no other one has.

    Args:
        typed: what the user wrote.
        exercises: to look in.

    Raises:
        NotFound: it could be none, or several; or it is a hidden one that is not here.
    """
    known = [Asked(exercise.name, name) for exercise in exercises for name in _names(exercise)]
    for matches in (
        [one for one in known if one.test in (typed, f"test_{typed}")],
        [one for one in known if typed in one.test],
    ):
        if len(matches) == 1:
            return _here(matches[0], exercises)
        if matches:
            listed = ", ".join(_short(one, matches) for one in matches[:_MOST_LISTED])
            more = f" and {len(matches) - _MOST_LISTED} more" if len(matches) > _MOST_LISTED else ""
            raise NotFound(f"{quoted(typed)} could be {listed}{more}; write more of it, or choose with -e EXERCISE")
    names = [one.test.removeprefix("test_") for one in known]
    raise NotFound(f"no test {quoted(typed)}; {suggestion(typed, names, '`grade -v` lists all that failed')}")


def split_schedule(typed: str) -> tuple[str, str]:
    """A test and a schedule, from `TEST:SCHEDULE` as reports show it.

    Raises:
        NotFound: it is not of that form.
    """
    test, colon, schedule = typed.partition(":")
    if not colon or not test:
        raise NotFound(
            f"{quoted(typed)} is not TEST:SCHEDULE, as in `no_sum_is_lost:15.2`; a report shows what to write"
        )
    if not _SCHEDULE.fullmatch(schedule):
        raise NotFound(f"{quoted(schedule)} is no schedule: expected something like 12.1-30.2, or -")
    return test, schedule


def _names(exercise: Exercise) -> Iterator[str]:
    yield from exercise.public_test_names()
    yield from exercise.hidden_test_names()


def _here(asked: Asked, exercises: Iterable[Exercise]) -> Asked:
    exercise = next(one for one in exercises if one.name == asked.exercise)
    if asked.test not in exercise.public_test_names() and exercise.hidden_tests is None:
        raise NotFound(f"{asked.test} is a hidden test: it is run by your instructor, and is not here")
    return asked


def _short(one: Asked, among: list[Asked]) -> str:
    name = one.test.removeprefix("test_")
    return f"{name} ({one.exercise})" if sum(other.test == one.test for other in among) > 1 else name
