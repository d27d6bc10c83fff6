"""Reads `marking` of `course.yaml`: what becomes of points before they are a mark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import yaml

from grader.course_model import suggestion
from grader.course_yaml import Value

_DIRECTIONS = ("nearest", "up", "down")
_GREATEST = 1_000_000
"""Of all numbers; what is greater is a slip of the pen."""
TOTAL = "total"
"""The key of a cap on all points together."""


@dataclass(frozen=True)
class Late:
    """What lateness costs."""

    grace_minutes: float = 0.0
    """So many minutes are not late at all."""
    free_days: float = 0.0
    """Days from `due` on that cost nothing."""
    per_day: float = 0.0
    """Percent of the greatest mark there is for each further day that has begun, counted from `due`."""
    at_most: float = 100.0
    """Percent."""
    refused_after_days: float = math.inf
    """After so many days from `due` on there are no points."""


@dataclass(frozen=True)
class Policy:
    """How a course is marked."""

    due: datetime | None = None
    late: Late = field(default_factory=Late)
    caps: dict[str, float] = field(default_factory=dict)
    """The most points that count: by exercise, and of all together under `total`."""
    best: int | None = None
    """Only so many exercises count, the best of each student; None: all."""
    round_to: float = 0.01
    """The mark is a multiple of this."""
    direction: str = "nearest"
    adjustments: str = ""
    """A CSV of changes by hand, relative to the course's root."""
    extensions: str = ""
    """A CSV of later due dates, relative to the course's root."""


def read_marking(value: Value, exercises: Sequence[str]) -> Policy:
    """The policy as far as it could be read; the problems are reported to the value.

    Args:
        value: of `marking`; absent: points are the mark.
        exercises: the course's.
    """
    if value.node is None:
        return Policy()
    fields = value.fields([], ["due", "late", "caps", "best", "round", "adjustments", "extensions"])
    usual = Policy()
    for name in ("late", "extensions"):
        if fields[name].node is not None and fields["due"].node is None:
            fields[name].report('needs "due": without it nobody is ever late; add it')
    rounding = fields["round"]
    parts = rounding.fields([], ["to", "direction"]) if rounding.node is not None else {}
    return Policy(
        due=_time(fields["due"]),
        late=_late(fields["late"]),
        caps=_caps(fields["caps"], exercises),
        best=_best(fields["best"], len(exercises)),
        round_to=_step(parts["to"]) if parts else usual.round_to,
        direction=_direction(parts["direction"]) if parts else usual.direction,
        adjustments=_text(fields["adjustments"]),
        extensions=_text(fields["extensions"]),
    )


def parse_time(text: str) -> datetime | None:
    """A time with its zone, as `2026-10-31T23:59+01:00`; None if it is none."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _time(value: Value) -> datetime | None:
    if value.node is None:
        return None
    found = parse_time(value.node.value) if isinstance(value.node, yaml.ScalarNode) else None
    if found is None:
        value.report("is no time with its zone; write it as in 2026-10-31T23:59+01:00")
    return found


def _late(value: Value) -> Late:
    if value.node is None:
        return Late()
    names = ["grace_minutes", "free_days", "per_day", "at_most", "refused_after_days"]
    fields = value.fields([], names)
    usual = Late()
    found = {name: _number(fields[name], getattr(usual, name)) for name in names}
    for name in ("per_day", "at_most"):
        if found[name] > 100:
            fields[name].report(f"is {found[name]:g}; it is percent, and 100 at most")
    return Late(**found)


def _caps(value: Value, exercises: Sequence[str]) -> dict[str, float]:
    if value.node is None:
        return {}
    known = [*exercises, TOTAL]
    found = value.entries()
    for name, cap in found.items():
        if name not in known:
            cap.report(f"names no exercise; {suggestion(name, known)}")
    return {name: _number(cap, 0.0) for name, cap in found.items()}


def _best(value: Value, most: int) -> int | None:
    if value.node is None:
        return None
    number = value.number()
    if not isinstance(number, int) or not 1 <= number <= most:
        value.report(f"must be a whole number from 1 to {most}, the number of exercises")
        return None
    return number


def _step(value: Value) -> float:
    number = _number(value, 0.01)
    if number < 0.01 or round(number * 100) != number * 100:
        value.report("must be a multiple of 0.01, such as 0.5 or 1")
        return 0.01
    return number


def _direction(value: Value) -> str:
    if value.node is None:
        return "nearest"
    text = value.text()
    if text and text not in _DIRECTIONS:
        value.report(f"must be one of {', '.join(_DIRECTIONS)}")
    return text


def _number(value: Value, otherwise: float) -> float:
    if value.node is None:
        return otherwise
    number = float(value.number())
    if number < 0:
        value.report(f"is {number:g}; it must not be negative")
    if number > _GREATEST:
        value.report(f"is too large; it can be {_GREATEST} at most")
    return number if 0 <= number <= _GREATEST else otherwise


def _text(value: Value) -> str:
    return value.text() if value.node is not None else ""
