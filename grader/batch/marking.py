"""From points to a mark: steps that a course's policy sets, each of which says what it changed and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from grader.gradebook import Adjustment


@dataclass(frozen=True)
class Work:
    """What a student has done, as the policy sees it."""

    student: str
    scores: Mapping[str, float]
    """Points by exercise."""
    max_scores: Mapping[str, float]
    when: datetime | None
    """When it was handed in."""
    late: bool
    """The export itself calls it late."""
    handed_in: bool


@dataclass(frozen=True)
class Mark:
    """What the policy makes of it."""

    score: float
    max_score: float
    adjustments: tuple[Adjustment, ...] = ()
    flags: tuple[str, ...] = ()


class Marking:
    """The policy of a course."""

    def mark(self, work: Work) -> Mark:
        """The mark for some work."""
        return Mark(float(sum(work.scores.values())), float(sum(work.max_scores.values())))
