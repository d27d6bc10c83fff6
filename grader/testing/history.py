"""What the trusted side saw of a real run, in order: who was in which call of the test's, and for how long.

Time is counted in events, not in seconds: what comes first and what lies inside what is known for sure, and the same
everywhere. The evidence `history` of a test that did not pass:

    {"lanes": ["caller", "thread 1", ...], "length": 7,
     "spans": [{"lane": 1, "kind": "probe", "label": "get 1", "began": 2, "ended": 5 or None, "held": true}, ...]}
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

_MOST_SPANS = 200


@dataclass(eq=False)
class Span:
    """Something that took from one event to another."""

    lane: int
    kind: str
    """"call" of the student's code, "probe" called by it, "request" to the site, "connection" to the server; "wait" in
    which a thread of a program that is stuck was found at the end."""
    label: str
    began: int
    ended: int | None = None
    """None: it never did."""
    held: bool = False
    """Whether the test held it."""


class History:
    """Notes spans as they begin and end."""

    def __init__(self) -> None:
        self._now = 0
        self._lanes: dict[Hashable, int] = {}
        self._names: list[str] = []
        self._named: Counter[str] = Counter()
        self._spans: list[Span] = []

    def begin(self, owner: Hashable, name: str, kind: str, label: str, held: bool = False) -> Span:
        """Something begins.

        Args:
            owner: whose lane it is in, the same for the same thread or connection.
            name: of the lane, if it is a new one; `{}` stands for its number among all of the same name.
            kind: see `Span`.
            label: what is written at it.
            held: whether the test holds it.
        """
        lane = self._lanes.setdefault(owner, len(self._lanes))
        if lane == len(self._names):
            self._named[name] += 1
            self._names.append(name.format(self._named[name]))
        span = Span(lane, kind, label, self._tick(), held=held)
        self._spans.append(span)
        return span

    def end(self, span: Span | None) -> None:
        """It is over."""
        if span is not None and span.ended is None:
            span.ended = self._tick()

    def as_evidence(self) -> dict[str, Any]:
        """The history as data; empty if nothing was seen."""
        if not self._spans:
            return {}
        return {
            "lanes": self._names,
            "length": self._now,
            "spans": [dict(vars(span)) for span in self._spans[:_MOST_SPANS]],
            "left_out": max(0, len(self._spans) - _MOST_SPANS),
        }

    def _tick(self) -> int:
        self._now += 1
        return self._now
