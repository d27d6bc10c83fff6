"""The steps of marking that ship, as `marking` of `course.yaml` sets them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

from grader.batch.attempts import BatchError
from grader.batch.marking import Draft, Named, Step, Work
from grader.batch.table import read_table
from grader.course import Course
from grader.course_marking import TOTAL, Late, Policy, parse_time
from grader.reports.wording import counted, number

_DAY = timedelta(days=1)
_POINTS = re.compile(r"[-+]?[0-9]{1,6}([.,][0-9]{1,6})?")


def steps(course: Course, named: Named = str) -> list[Step]:
    """What the course asks for, in order.

    Args:
        course: with its policy.
        named: who is meant where a file names a student.

    Raises:
        BatchError: a file that it names cannot be used; says file, line and remedy.
    """
    policy = course.policy or Policy()
    found = [Step("rounding", 90, lambda draft: _round(draft, policy))]
    if policy.caps:
        found.append(Step("caps", 10, lambda draft: _cap(draft, policy.caps)))
    if policy.best is not None:
        best = policy.best
        found.append(Step("best", 20, lambda draft: _best(draft, best, policy.caps)))
    if policy.due is not None:
        due = policy.due
        extensions = _extensions(course.root / policy.extensions, due, named) if policy.extensions else {}
        found.append(Step("late", 30, lambda draft: _late(draft, due, extensions.get(draft.work.student), policy.late)))
    if policy.adjustments:
        by_hand = _by_hand(course.root / policy.adjustments, named)
        found.append(Step("by hand", 40, lambda draft: _adjust(draft, by_hand.get(draft.work.student, []))))
    if TOTAL in policy.caps:
        most = Fraction(policy.caps[TOTAL])
        found.append(Step("cap on the total", 50, lambda draft: _cap_total(draft, most)))
    return found


# --- points ----------------------------------------------------------------------------------


def _cap(draft: Draft, caps: Mapping[str, float]) -> None:
    for name, score in draft.work.scores.items():
        if name in caps and score > caps[name]:
            draft.change(Fraction(caps[name]) - Fraction(score), f"at most {number(caps[name])} in {name}")
        if name in caps and draft.work.max_scores[name] > caps[name]:
            draft.max_score += Fraction(caps[name]) - Fraction(draft.work.max_scores[name])


def _best(draft: Draft, count: int, caps: Mapping[str, float]) -> None:
    """Keeps the best scores; `max_score` is what the dearest exercises can give, the same for everybody."""

    def capped(points: Mapping[str, float]) -> dict[str, Fraction]:
        return {name: Fraction(min(score, caps.get(name, math.inf))) for name, score in points.items()}

    worth = sorted(capped(draft.work.max_scores).values(), reverse=True)
    draft.max_score = sum(worth[:count], Fraction())
    scores = capped(draft.work.scores)
    order = sorted(scores, key=lambda name: scores[name], reverse=True)
    for name in order[count:]:
        draft.change(-scores[name], f"{name} is not among the best {count}")


def _cap_total(draft: Draft, most: Fraction) -> None:
    draft.max_score = min(draft.max_score, most)
    if draft.score > most:
        draft.change(most - draft.score, f"at most {number(float(most))} in all")


def _round(draft: Draft, policy: Policy) -> None:
    """Once, and at the end; no mark is below zero, and none is lifted over the most there is."""
    if draft.score < 0:
        draft.change(-draft.score, "no mark is below zero")
    step = Fraction(str(policy.round_to))
    parts = draft.score / step
    rounding = {"nearest": math.floor(parts + Fraction(1, 2)), "up": math.ceil(parts), "down": math.floor(parts)}
    rounded, said = rounding[policy.direction] * step, f"rounded to {number(policy.round_to)}"
    if rounded > draft.max_score >= draft.score:  # what was over it before was given by hand
        rounded, said = draft.max_score, f"{said}, and {number(float(draft.max_score))} at most"
    draft.change(rounded - draft.score, said)


# --- time ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Extension:
    """A later due date of one student's."""

    until: datetime
    reason: str
    line: int
    """In the file, for messages."""


def _late(draft: Draft, due: datetime, extension: _Extension | None, late: Late) -> None:
    work = draft.work
    if extension is not None:
        due = extension.until
        draft.notes.append(f"extended until {_day_and_time(due)}: {extension.reason}")
    if not work.handed_in:
        return
    if work.when is None:
        if work.late:
            draft.flags.append("late, and by how much is not known: adjust by hand")
        elif work.late is None:
            draft.flags.append("when it was handed in is not known: nothing taken off")
        return
    after = work.when - due
    if after <= timedelta(minutes=late.grace_minutes):
        return
    days = math.ceil(after / _DAY)
    said = f"{counted(days, 'day')} late{_told_by(work)}"
    draft.flags.append(said)
    if days > late.refused_after_days:
        draft.change(-draft.score, f"{said}, more than {counted(late.refused_after_days, 'day')}")
        return
    charged = max(Fraction(), days - Fraction(str(late.free_days)))
    percent = min(charged * Fraction(str(late.per_day)), Fraction(str(late.at_most)))
    penalty = min(draft.max_score * percent / 100, draft.score)
    draft.change(-penalty, f"{said}: {number(float(percent))} percent of {number(float(draft.max_score))}")


def _told_by(work: Work) -> str:
    """What tells that it was late, where it is not the LMS."""
    if work.when_from == "commit":
        return f" by the last commit{f', of {work.by}' if work.by else ''}"
    return " by the time of the file" if work.when_from == "file" else ""


def _day_and_time(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M %Z}"


def _extensions(file: Path, due: datetime, named: Named) -> dict[str, _Extension]:
    """Later due dates by student, from columns `student`, `until` and `reason`."""
    found: dict[str, _Extension] = {}
    for line, row in _rows(file, "student", "until", "reason"):
        until = parse_time(row["until"])
        if until is None:
            raise BatchError(f"{file.name}:{line}: `until` is no time with its zone; write 2026-10-31T23:59+01:00")
        if until < due:
            said = f"`until` is before `due`, {_day_and_time(due)}; an extension cannot shorten the time: mend it"
            raise BatchError(f"{file.name}:{line}: {said}")
        student = _student(row, f"{file.name}:{line}", named)
        if student in found:
            raise BatchError(f"{file.name}:{line}: {student} is there on line {found[student].line} already; keep one")
        found[student] = _Extension(until, row["reason"].strip(), line)
    return found


# --- by hand ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Change:
    points: Fraction
    reason: str


def _adjust(draft: Draft, changes: list[_Change]) -> None:
    for change in changes:
        draft.change(change.points, change.reason)


def _by_hand(file: Path, named: Named) -> dict[str, list[_Change]]:
    """Changes by student, from columns `student`, `points` and `reason`."""
    found: dict[str, list[_Change]] = {}
    for line, row in _rows(file, "student", "points", "reason"):
        written = row["points"].strip()
        if not _POINTS.fullmatch(written):
            raise BatchError(f"{file.name}:{line}: `points` is no number, or too long a one; write 2, +2 or -1.5")
        points = Fraction(written.replace(",", "."))
        student = _student(row, f"{file.name}:{line}", named)
        found.setdefault(student, []).append(_Change(points, row["reason"].strip()))
    return found


def _student(row: Mapping[str, str], place: str, named: Named) -> str:
    try:
        return named(row["student"].strip())
    except BatchError as error:
        raise BatchError(f"{place}: {error}") from None


def _rows(file: Path, *columns: str) -> list[tuple[int, dict[str, str]]]:
    """The rows of a table in which these columns are filled in."""
    table = read_table(file)
    for column in columns:
        if column not in table.header:
            raise BatchError(f"{file.name}:1: the column `{column}` is missing; the header is {','.join(columns)}")
        if list(table.header).count(column) > 1:
            raise BatchError(f"{file.name}:1: the column `{column}` is there twice; remove one")
        for line, row in table.rows:
            if not row[column].strip():
                raise BatchError(f"{file.name}:{line}: `{column}` is empty; fill it in")
    return table.rows
