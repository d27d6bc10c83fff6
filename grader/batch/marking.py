"""From points to a mark: steps, each of which says what it changed and why. Exact until the last, which rounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from grader.course import Course
from grader.gradebook import Adjustment
from grader.plugins import plugin_manager

Named = Callable[[str], str]
"""Gives what the gradebook calls the student of a name; raises BatchError where it is nobody's, or not one's alone."""


@dataclass(frozen=True)
class Work:
    """What a student has done, as the policy sees it."""

    student: str
    scores: Mapping[str, float]
    """Points by exercise."""
    max_scores: Mapping[str, float]
    when: datetime | None = None
    """When it was handed in, with its time zone; None where that cannot be told."""
    when_from: str = "LMS"
    """Who tells so."""
    late: bool | None = None
    """Whether the export itself calls it late; None: it does not say."""
    by: str = ""
    """Whose the commit is, where one tells when it was handed in."""
    handed_in: bool = True


@dataclass(frozen=True)
class Mark:
    """What the policy makes of it."""

    score: float
    max_score: float
    adjustments: tuple[Adjustment, ...] = ()
    flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class Draft:
    """A mark in the making."""

    work: Work
    score: Fraction
    max_score: Fraction
    adjustments: list[Adjustment] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    """For the instructor."""
    notes: list[str] = field(default_factory=list)
    """What has been granted, for instructor and student, where it changes no points."""

    def change(self, points: Fraction, reason: str) -> None:
        """Adds points, or takes them away, and keeps the reason."""
        if points:
            self.score += points
            self.adjustments.append(Adjustment(float(points), reason))


@dataclass(frozen=True)
class Step:
    """One thing that a policy does to every mark. A plug-in may bring its own (`grader_marking_steps`)."""

    name: str
    place: int
    """Its place in the order; those that ship have 10 (caps), 20 (best), 30 (late), 40 (by hand), 90 (rounding)."""
    apply: Callable[[Draft], None]


class Marking:
    """The policy of a course, as the steps that it is made of."""

    def __init__(self, steps: Iterable[Step] = ()) -> None:
        """Args: steps: in any order."""
        self._steps = sorted(steps, key=lambda step: step.place)

    def mark(self, work: Work) -> Mark:
        """The mark for some work."""
        score = sum((Fraction(points) for points in work.scores.values()), Fraction())
        worth = sum((Fraction(points) for points in work.max_scores.values()), Fraction())
        draft = Draft(work, score, worth)
        for step in self._steps:
            step.apply(draft)
        said = tuple(draft.adjustments), tuple(draft.flags), tuple(draft.notes)
        return Mark(float(draft.score), float(draft.max_score), *said)


def marking_of(course: Course, named: Named = str) -> Marking:
    """The marking that `course.yaml` and plug-ins ask for.

    Args:
        course: with its policy.
        named: who is meant where a file names a student; without it, names are those of the gradebook.

    Raises:
        BatchError: a file that the policy names cannot be used.
    """
    given = plugin_manager().hook.grader_marking_steps(course=course, named=named)
    return Marking(step for steps in given for step in steps)
