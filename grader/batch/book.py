"""Makes the gradebook: of each student the attempt that counts, its points, what the policy does to them, and flags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from grader.batch.attempts import Attempt
from grader.batch.handed_in import Doubts
from grader.batch.marking import Mark, Marking, Work
from grader.batch.people import People, Person
from grader.batch.store import Kept
from grader.course import Course, Exercise
from grader.gradebook import AttemptMark, Cell, Column, Gradebook, Row
from grader.planning import UNTESTABLE
from grader.reports.wording import counted
from grader.results import LEAST_CHANGE, Change, Result, result

Keep = Literal["best", "last", "all"]


@dataclass(frozen=True)
class Graded:
    """An attempt with what is known of it."""

    attempt: Attempt
    digest: str
    refused: str
    fault: str
    kept: dict[str, Kept]
    """By exercise."""
    doubts: Doubts = field(default_factory=Doubts)

    @property
    def score(self) -> float | None:
        """All points; None where nothing has been graded."""
        if self.attempt.problem:
            return None
        if self.refused:
            return 0.0
        return float(sum(one.result.score for one in self.kept.values())) if self.kept else None


@dataclass(frozen=True)
class Counted:
    """A student's row, and the attempt that it was made from."""

    row: Row
    graded: Graded | None
    """None: nothing was handed in."""
    others: tuple[Graded, ...] = ()
    """Further attempts that were graded."""


def that_count(attempts: Sequence[Attempt], keep: Keep) -> list[Attempt]:
    """The attempts that have to be graded for a gradebook: the last of each student, or all.

    Args:
        attempts: of all students.
        keep: which of a student's are to count.
    """
    if keep != "last":
        return list(attempts)
    last: dict[str, Attempt] = {}
    for attempt in attempts:
        if attempt.student not in last or attempt.number >= last[attempt.student].number:
            last[attempt.student] = attempt
    return [attempt for attempt in attempts if last[attempt.student] is attempt]


def rows(
    graded: Iterable[Graded], exercises: Sequence[Exercise], keep: Keep, people: People, marking: Marking
) -> list[Counted]:
    """The rows of the gradebook, sorted by student; with a roster one for each person in it, too.

    Args:
        graded: every attempt.
        exercises: that are marked.
        keep: which attempt counts.
        people: who is who.
        marking: what becomes of points.
    """
    by_student: dict[str, list[Graded]] = {person.student: [] for person in people.listed}
    claims: dict[str, str] = {}
    for one in graded:
        for owner in one.attempt.may_be:
            claims.setdefault(owner, one.attempt.problem or f"{one.attempt.source} may be theirs")
        by_student.setdefault(one.attempt.student, []).append(one)
    worth = {exercise.name: _worth(exercise, by_student.values()) for exercise in exercises}
    made = []
    for student, own in sorted(by_student.items()):
        own.sort(key=lambda one: one.attempt.number)
        person = people.person(student, own[-1].attempt if own else None)
        made.append(_row(person, own, exercises, worth, keep, marking, claims.get(student, "")))
    return made


def gradebook(
    course: Course, exercises: Sequence[Exercise], counted_rows: Sequence[Counted], notes: Sequence[str]
) -> Gradebook:
    """The gradebook of some rows; `max_score` of a column is what its tests that are here can give."""
    graded = [[one.graded] for one in counted_rows if one.graded]
    columns = [Column(exercise.name, exercise.title, _worth(exercise, graded)) for exercise in exercises]
    return Gradebook(course.title, columns, [one.row for one in counted_rows], list(notes))


def final_result(one: Graded, row: Row) -> Result:
    """The result of an attempt with the mark that the gradebook shows, for the reports of a submission."""
    kept = [item.result for item in one.kept.values()]
    environment = next((item.environment for item in one.kept.values() if item.environment), {})
    made = result(row.student, kept, environment=environment, pack="", digest=one.digest)
    score = made.score if row.score is None else row.score
    by_policy = row.adjustments if row.score is not None else []
    notes = [*row.notes, *(f"{item.reason}: {item.points:+g} points" for item in by_policy)]
    changes = [Change(item.points, item.reason) for item in by_policy]
    rest = score - made.score - sum(item.points for item in changes), row.max_score - made.max_score
    if any(abs(points) > LEAST_CHANGE for points in rest):
        changes.append(Change(rest[0], "what counts in this course", rest[1]))
    return msgspec.structs.replace(made, score=score, max_score=row.max_score, notes=notes, changes=changes)


def _row(
    person: Person,
    own: list[Graded],
    exercises: Sequence[Exercise],
    worth: Mapping[str, float],
    keep: Keep,
    marking: Marking,
    claim: str,
) -> Counted:
    candidates: list[Graded | None] = [*own] or [None]
    tried = [_try(person, one, exercises, worth, marking, claim) for one in candidates]
    counts = _that_counts(tried, keep)
    marks = [AttemptMark(one.attempt.number, one.attempt.source, one.score, one is counts.graded) for one in own]
    cells, mark = counts.cells, counts.mark
    flags = [*_flags(counts.graded, cells, claim, keep), *_undecided(tried, counts, claim, keep)]
    row = Row(
        student=person.student,
        name=person.name,
        ids=person.ids,
        cells=cells,
        raw_score=float(sum(counts.work.scores.values())),
        score=mark.score if counts.is_known else None,
        max_score=mark.max_score,
        inconclusive=float(sum(cell.inconclusive for cell in cells.values())),
        flags=[*flags, *person.flags, *mark.flags],
        adjustments=list(mark.adjustments),
        attempts=marks if len(marks) > 1 else [],
        notes=list(mark.notes),
    )
    return Counted(row, counts.graded, tuple(one for one in own if one is not counts.graded))


@dataclass(frozen=True)
class _Tried:
    """What a student's mark is if one attempt counts."""

    graded: Graded | None
    """None: nothing was handed in."""
    cells: dict[str, Cell]
    work: Work
    mark: Mark

    @property
    def is_known(self) -> bool:
        """Whether all has been graded that would count."""
        return all(cell.score is not None for cell in self.cells.values())


def _try(
    person: Person,
    one: Graded | None,
    exercises: Sequence[Exercise],
    worth: Mapping[str, float],
    marking: Marking,
    claim: str,
) -> _Tried:
    cells = {exercise.name: _cell(exercise, one, claim) for exercise in exercises}
    scores = {name: cell.score or 0.0 for name, cell in cells.items()}
    work = Work(person.student, scores, worth, handed_in=False)
    if one is not None:
        attempt = one.attempt
        work = Work(person.student, scores, worth, attempt.when, attempt.when_from, attempt.late, attempt.by)
    return _Tried(one, cells, work, marking.mark(work))


def _that_counts(tried: list[_Tried], keep: Keep) -> _Tried:
    """The last, or the one with the best mark: lateness can cost more than a later attempt has brought."""
    if keep != "best":
        return tried[-1]
    return max(enumerate(tried), key=lambda one: (one[1].mark.score, sum(one[1].work.scores.values()), one[0]))[1]


def _cell(exercise: Exercise, chosen: Graded | None, claim: str) -> Cell:
    if claim:
        return Cell(None, 0.0, "not clear", claim)
    if chosen is None:
        return Cell(0.0, 0.0, "not handed in", "")
    if chosen.attempt.problem:
        return Cell(None, 0.0, "not clear", chosen.attempt.problem)
    if chosen.refused:
        return Cell(0.0, 0.0, "refused", chosen.refused)
    if why := chosen.doubts.unclear.get(exercise.name):
        return Cell(None, 0.0, "not clear", why)
    kept = chosen.kept.get(exercise.name)
    if kept is None:
        return Cell(None, exercise.points if chosen.fault else 0.0, "not graded", chosen.fault)
    found = kept.result
    failed, undecided = (
        [test.name for test in found.tests if test.verdict == verdict] for verdict in ("failed", "inconclusive")
    )
    return Cell(found.score, found.inconclusive, found.status, found.reason, failed, undecided)


def _worth(exercise: Exercise, graded: Iterable[Sequence[Graded]]) -> float:
    """What an exercise can give, as it was graded; where nobody's was, what the course says."""
    kept = [one.kept[exercise.name].result.max_score for own in graded for one in own if exercise.name in one.kept]
    return max(kept, default=exercise.points)


# --- flags -----------------------------------------------------------------------------------


def _flags(chosen: Graded | None, cells: Mapping[str, Cell], claim: str, keep: Keep) -> list[str]:
    if chosen is None:
        return [f"not clear: {claim}" if claim else "nothing handed in"]
    flags = [*([f"not clear: {claim}"] if claim else []), *chosen.attempt.flags]
    if chosen.attempt.problem:
        flags.append(f"not clear: {chosen.attempt.problem}")
    elif chosen.refused:
        flags.append(f"refused: {chosen.refused.splitlines()[0]}")
    elif not chosen.fault and not claim:
        flags += _doubtful(chosen, cells, keep)
    if chosen.fault:
        flags.append(f"the grader itself failed: {chosen.fault}")
    if not chosen.fault and any(cell.status == "not graded" for cell in cells.values()):
        flags.append("not graded yet")
    if undecided := sum(cell.inconclusive for cell in cells.values()):
        flags.append(f"{counted(undecided, 'point')} not decided")
    if any(one.at_fault for one in chosen.kept.values()):
        flags.append("the grader itself failed in some tests")
    tiers = {str(one.environment["tier"]) for one in chosen.kept.values() if "tier" in one.environment}
    flags += [f"graded at tier {tier}" for tier in sorted(tiers - {"jail"})]
    flags += [f"{one.result.name}: {flag}" for one in chosen.kept.values() for flag in one.result.flags]
    return flags


def _undecided(tried: Sequence[_Tried], counts: _Tried, claim: str, keep: Keep) -> list[str]:
    """The attempts that may be better than the best, if somebody decides about them, or they are graded."""
    if keep != "best" or claim:
        return []
    flags = []
    for one in tried:
        if one.graded and one is not counts and not one.is_known:
            is_clear = all(cell.status != "not clear" for cell in one.cells.values())
            said = "not graded" if is_clear else "not clear"
            flags.append(f"attempt {one.graded.attempt.number} is {said}, and may be better")
    return flags


def _doubtful(chosen: Graded, cells: Mapping[str, Cell], keep: Keep) -> list[str]:
    """What was handed in that could not be tested, or may be another thing than what was."""
    doubts, attempt = chosen.doubts, chosen.attempt
    flags = []
    for name, cell in cells.items():
        if cell.status == "not clear":
            flags.append(f"{name}: not clear: {cell.reason}")
        elif cell.status == UNTESTABLE and name not in doubts.absent:
            flags.append(f"{name}: cannot be tested: {(cell.reason.splitlines() or [''])[0]}")
        elif name in doubts.taken_as and not cell.score:
            flags.append(f"{name}: no points for {doubts.taken_as[name]}, which was taken for {name}.py")
        if name in doubts.flags:
            flags.append(f"{name}: {doubts.flags[name]}")
    lacks = [name for name in cells if name in doubts.absent]
    if lacks and len(lacks) == len(cells):
        flags.append("nothing was found to grade")
    if attempt.number > 1 and keep != "best" and lacks:
        flags.append(f"attempt {attempt.number} counts and lacks {', '.join(lacks)}: an earlier one may have it")
    return flags
