"""Marking: each step alone, all of them together, and what is wrong with a policy told with its line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.batch.attempts import BatchError
from grader.batch.marking import Draft, Marking, Step, Work, marking_of
from grader.course import CourseError, load_course
from grader.gradebook import Adjustment

if TYPE_CHECKING:
    from tests.conftest import Course

DUE = datetime(2026, 10, 31, 23, 0, tzinfo=UTC)
WORK = Work("alice", {"one": 3.0, "two": 1.25, "three": 4.0}, {"one": 4.0, "two": 4.0, "three": 4.0}, DUE)


@pytest.fixture
def mark(make_course: Callable[..., Course], tmp_path: Path) -> Callable[..., Any]:
    course = make_course(tmp_path / "course", ("one", "two", "three"))

    def mark(policy: str, work: Work = WORK, **files: str) -> Any:
        file = course.write().root / "course.yaml"
        file.write_text(file.read_text() + f"marking: {policy}\n")
        for name, text in files.items():
            (course.root / f"{name}.csv").write_text(text)
        return marking_of(load_course(course.root)).mark(work)

    return mark


def test_without_a_policy_points_are_the_mark(course: Course) -> None:
    found = marking_of(load_course(course.root)).mark(WORK)
    assert (found.score, found.max_score, found.adjustments, found.flags) == (8.25, 12.0, (), ())


def test_caps(mark: Callable[..., Any]) -> None:
    found = mark("{caps: {three: 2, two: 3, total: 5}}")
    assert (found.score, found.max_score) == (5.0, 5.0)
    assert found.adjustments == (Adjustment(-2.0, "at most 2 in three"), Adjustment(-1.25, "at most 5 in all"))


def test_best_n_of_m_has_the_same_worth_for_everybody(mark: Callable[..., Any]) -> None:
    found = mark("{best: 2}")
    assert (found.score, found.max_score) == (7.0, 8.0)
    assert found.adjustments == (Adjustment(-1.25, "two is not among the best 2"),)
    nothing = mark("{best: 2}", replace(WORK, scores=dict.fromkeys(WORK.scores, 0.0)))
    assert (nothing.score, nothing.max_score) == (0.0, 8.0)
    capped = mark("{best: 2, caps: {three: 2}}")
    assert (capped.score, capped.max_score) == (5.0, 8.0)


@pytest.mark.parametrize(
    ("after", "score", "reason"),
    [
        (timedelta(0), 8.25, ""),
        (timedelta(minutes=10), 8.25, ""),
        (timedelta(minutes=11), 8.25, ""),
        (timedelta(days=1, seconds=1), 7.05, "2 days late: 10 percent of 12"),
        (timedelta(days=4), 4.65, "4 days late: 30 percent of 12"),
        (timedelta(days=6), 3.45, "6 days late: 40 percent of 12"),
        (timedelta(days=7, seconds=1), 0.0, "8 days late, more than 7 days"),
    ],
)
def test_lateness_costs_by_the_day(mark: Callable[..., Any], after: timedelta, score: float, reason: str) -> None:
    late = "{grace_minutes: 10, free_days: 1, per_day: 10, at_most: 40, refused_after_days: 7}"
    found = mark(f"{{due: 2026-11-01T00:00+01:00, late: {late}}}", replace(WORK, when=DUE + after))
    assert found.score == score
    assert [one.reason for one in found.adjustments] == ([reason] if reason else [])
    assert bool(found.flags) == (after > timedelta(minutes=10))


def test_a_time_that_is_not_known_costs_nothing_and_is_told(mark: Callable[..., Any]) -> None:
    policy = "{due: 2026-11-01T00:00+01:00, late: {per_day: 10}}"
    unknown = mark(policy, replace(WORK, when=None))
    assert (unknown.score, unknown.flags) == (8.25, ("when it was handed in is not known: nothing taken off",))
    found = mark(policy, replace(WORK, when=None, late=True))
    assert (found.score, found.flags) == (8.25, ("late, and by how much is not known: adjust by hand",))
    assert mark(policy, replace(WORK, when=None, late=False)).flags == ()
    assert mark(policy, replace(WORK, when=None, handed_in=False)).flags == ()
    assert mark("{best: 3}", replace(WORK, when=None)).flags == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"when_from": "file"}, "1 day late by the time of the file"),
        ({"when_from": "commit"}, "1 day late by the last commit"),
        ({"when_from": "commit", "by": "grading-bot"}, "1 day late by the last commit, of grading-bot"),
        ({}, "1 day late"),
    ],
)
def test_who_tells_that_it_was_late_is_told(mark: Callable[..., Any], changes: Any, said: str) -> None:
    late = replace(WORK, when=DUE + timedelta(hours=1), **changes)
    found = mark("{due: 2026-11-01T00:00+01:00, late: {per_day: 10}}", late)
    assert found.flags == (said,)
    assert found.adjustments[0].reason == f"{said}: 10 percent of 12"


def test_extensions_are_per_student_and_told(mark: Callable[..., Any]) -> None:
    policy = "{due: 2026-11-01T00:00+01:00, late: {per_day: 10}, extensions: more.csv}"
    late = replace(WORK, when=DUE + timedelta(days=2))
    more = "student,until,reason\nalice,2026-11-03T00:00+01:00,ill\n"
    found = mark(policy, late, more=more)
    assert (found.score, found.adjustments, found.flags) == (8.25, (), ())
    assert found.notes == ("extended until 2026-11-03 00:00 UTC+01:00: ill",)
    assert mark(policy, replace(late, handed_in=False), more=more).notes == found.notes
    others = mark(policy, replace(late, student="bob"), more=more)
    assert (others.score, others.notes) == (5.85, ())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("bob,2026-10-01T22:00Z,ill", r"more\.csv:2: `until` is before `due`, 2026-11-01 00:00 UTC\+01:00"),
        ("bob,2026-11-03T22:00Z,ill\nbob,2026-11-02T22:00Z,more", r"more\.csv:3: bob is there on line 2 already"),
        ("bob,2026-11-03T22:00Z,", r"more\.csv:2: `reason` is empty"),
        ("bob,2026-11-03,ill", r"more\.csv:2: `until` is no time with its zone"),
    ],
)
def test_extensions_that_cannot_be_meant_are_told(mark: Callable[..., Any], more: str, said: str) -> None:
    with pytest.raises(BatchError, match=said):
        mark("{due: 2026-11-01T00:00+01:00, extensions: more.csv}", more=f"student,until,reason\n{more}\n")


def test_changes_by_hand_have_a_reason(mark: Callable[..., Any]) -> None:
    found = mark(
        "{adjustments: hand.csv}", hand='student,points,reason\nalice,-1.5,copied\nalice,+2,"nice, very"\nbob,1,x\n'
    )
    assert (found.score, found.adjustments) == (8.75, (Adjustment(-1.5, "copied"), Adjustment(2.0, "nice, very")))


def test_no_mark_is_below_zero(mark: Callable[..., Any]) -> None:
    assert mark("{adjustments: hand.csv}", hand="student;points;reason\nalice;-100;fraud\n").score == 0.0


@pytest.mark.parametrize(("how", "score"), [("nearest", 8.5), ("up", 8.5), ("down", 8.0)])
def test_rounding_comes_once_and_last(mark: Callable[..., Any], how: str, score: float) -> None:
    assert mark(f"{{round: {{to: 0.5, direction: {how}}}}}").score == score


@pytest.mark.parametrize(
    ("policy", "score", "reason"),
    [
        ("{round: {to: 5, direction: up}}", 10.0, "rounded to 5"),
        ("{round: {to: 10, direction: up}, best: 2}", 8.0, "rounded to 10, and 8 at most"),
        ("{round: {to: 5, direction: up}, caps: {total: 8.5}}", 8.5, "rounded to 5, and 8.5 at most"),
        ("{round: {to: 7}, caps: {total: 6}}", 6.0, ""),
    ],
)
def test_rounding_lifts_no_mark_over_the_most_there_is(
    mark: Callable[..., Any], policy: str, score: float, reason: str
) -> None:
    found = mark(policy)
    assert found.score == score
    assert [one.reason for one in found.adjustments if "rounded" in one.reason] == ([reason] if reason else [])


def test_points_beyond_the_maximum_are_rounded_as_others_are(mark: Callable[..., Any]) -> None:
    hand = "student,points,reason\nalice,5.3,bonus\n"
    assert mark("{adjustments: hand.csv, round: {to: 0.5}}", hand=hand).score == 13.5


def test_rounding_after_a_penalty_does_not_add_up_errors(mark: Callable[..., Any]) -> None:
    policy = "{due: 2026-11-01T00:00+01:00, late: {per_day: 3.3}, caps: {three: 3.9}, round: {to: 0.1}}"
    found = mark(policy, replace(WORK, when=DUE + timedelta(hours=1)))
    assert found.score == 7.8  # 8.15 - 3.3 % of 11.9 = 7.7573
    assert round(8.25 + sum(one.points for one in found.adjustments), 9) == 7.8


def test_plug_ins_steps_have_their_place() -> None:
    def double(draft: Draft) -> None:
        draft.change(draft.score, "doubled")

    def add(draft: Draft) -> None:
        draft.change(draft.max_score / 12, "one more")

    found = Marking([Step("double", 35, double), Step("add", 5, add)]).mark(WORK)
    assert found.score == 18.5


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("{due: 2026-11-01}", 'course.yaml:6: "marking.due" is no time with its zone'),
        ("{due: tomorrow}", "write it as in 2026-10-31T23:59+01:00"),
        ("{due: 2026-11-01T00:00Z, late: {perday: 1}}", 'did you mean "per_day"?'),
        ("{due: 2026-11-01T00:00Z, late: {per_day: 110}}", "it is percent"),
        ("{caps: {twoo: 1}}", 'did you mean "two"?'),
        ("{best: 4}", "from 1 to 3"),
        ("{best: 0}", "from 1 to 3"),
        ("{round: {to: 0.001}}", "multiple of 0.01"),
        ("{round: {direction: sideways}}", "one of nearest, up, down"),
        ("{due: 2026-11-01T00:00Z, late: {free_days: -1}}", "must not be negative"),
        ("{late: {per_day: 10}}", 'course.yaml:6: "marking.late" needs "due"'),
        ("{extensions: more.csv}", '"marking.extensions" needs "due"'),
        (
            f"{{due: 2026-11-01T00:00Z, late: {{grace_minutes: {'9' * 30}}}}}",
            '"marking.late.grace_minutes" is too large',
        ),
        (f"{{round: {{to: {'9' * 308}}}}}", "1000000 at most"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_told(mark: Callable[..., Any], policy: str, said: str) -> None:
    with pytest.raises(CourseError) as error:
        mark(policy)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("hand", "said"),
    [
        ("student,points\nalice,1\n", r"hand\.csv:1: the column `reason` is missing"),
        ("student,points,reason\nalice,much,x\n", r"hand\.csv:2: `points` is no number"),
        ("student,points,reason\nalice,1e400,x\n", r"hand\.csv:2: `points` is no number"),
        ("student,points,reason\nalice,1000000,x\n", r"hand\.csv:2: `points` is no number, or too long a one"),
        (f"student,points,reason\nalice,0.{'3' * 5000},x\n", r"hand\.csv:2: `points` is no number"),
        ("student,points,reason\nbob,1,x\nalice,1,\n", r"hand\.csv:3: `reason` is empty"),
    ],
)
def test_a_file_of_changes_that_cannot_be_used_is_told(mark: Callable[..., Any], hand: str, said: str) -> None:
    with pytest.raises(BatchError, match=said):
        mark("{adjustments: hand.csv}", hand=hand)


def test_a_due_date_at_the_end_of_time_is_no_fault(mark: Callable[..., Any]) -> None:
    assert mark("{due: 9999-12-31T23:59-01:00, late: {grace_minutes: 10}}").score == 8.25


def test_the_files_may_name_students_as_the_roster_does(mark: Callable[..., Any], tmp_path: Path) -> None:
    policy = "{due: 2026-11-01T00:00+01:00, extensions: more.csv, adjustments: hand.csv}"
    more = "student,until,reason\nAlice A.,2026-11-03T00:00+01:00,ill\n"
    mark(policy, more="student,until,reason\n", hand="student,points,reason\na@x,1,nice\nalice,1,x\n")
    named = {"Alice A.": "alice", "a@x": "alice", "alice": "alice"}
    (tmp_path / "course" / "more.csv").write_text(more)
    found = marking_of(load_course(tmp_path / "course"), named.__getitem__).mark(WORK)
    assert [one.reason for one in found.adjustments] == ["nice", "x"]
    assert found.notes
    (tmp_path / "course" / "more.csv").write_text(f"{more}a@x,2026-11-03T00:00+01:00,ill\n")
    with pytest.raises(BatchError, match=r"more\.csv:3: alice is there on line 2 already"):
        marking_of(load_course(tmp_path / "course"), named.__getitem__)


def test_a_student_whom_nobody_knows_is_told_with_the_place(mark: Callable[..., Any], tmp_path: Path) -> None:
    def nobody(name: str) -> str:
        raise BatchError(f"no student {name!r}")

    mark("{adjustments: hand.csv}", hand="student,points,reason\nalice,1,x\n bob ,2,y\n")
    with pytest.raises(BatchError, match=r"^hand\.csv:2: no student 'alice'"):
        marking_of(load_course(tmp_path / "course"), nobody)


def test_a_column_that_is_there_twice_is_told(mark: Callable[..., Any]) -> None:
    with pytest.raises(BatchError, match=r"hand\.csv:1: the column `points` is there twice"):
        mark("{adjustments: hand.csv}", hand="student,points,reason,points\nalice,1,x,2\n")
