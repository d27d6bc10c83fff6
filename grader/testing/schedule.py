"""Speed-up in virtual time: the test plays the machine, one completion after the other.

Every call of a held probe (or every request of a held site) is a piece of work with a cost in
ticks. When the student process has come to rest, all that it could start is started; then virtual
time moves to the earliest completion, that call is released, and so on. The makespan is exact and the
same on every machine: what the student's code does itself takes no virtual time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from grader.testing.calls import Call
from grader.testing.outcomes import RuleBroken
from grader.testing.student import Student

_MOST_PIECES = 500


class Source(Protocol):
    """What holds pieces of work: a probe or a site."""

    @property
    def waiting(self) -> list[Any]:
        """The pieces that are held now."""

    def release(self, which: Any = None, /) -> None:
        """Lets one piece go on."""


@dataclass
class Run:
    """What a run in virtual time came to, in ticks."""

    spans: list[tuple[Any, int, int]] = field(default_factory=list)
    """(piece of work, start, end), in order of completion."""
    most_at_once: int = 0

    @property
    def work(self) -> int:
        """Ticks of all pieces of work together."""
        return sum(end - start for _, start, end in self.spans)

    @property
    def makespan(self) -> int:
        """When the last piece was over."""
        return max((end for _, _, end in self.spans), default=0)

    @property
    def speedup(self) -> float:
        """How many times faster than one piece after the other; 1 if there was no work."""
        return self.work / self.makespan if self.makespan else 1.0

    @property
    def rounds(self) -> int:
        """How many distinct moments of completion there were."""
        return len({end for _, _, end in self.spans})

    def as_evidence(self) -> dict[str, Any]:
        """The timeline, for a report."""
        spans = [{"index": piece.index, "start": start, "end": end} for piece, start, end in self.spans]
        return {"kind": "timeline", "speedup": self.speedup, "makespan": self.makespan, "spans": spans}


def play(student: Student, call: Call | None, source: Source, cost: Callable[[Any], int], cores: int | None) -> Run:
    """Runs `call` in virtual time until it is over.

    Args:
        student: whose process.
        call: begun by the test, with `source` holding every piece of work; None: over when no work is left.
        source: a probe or a site.
        cost: ticks of a piece of work.
        cores: how many pieces make progress at the same time, in order of arrival; None: all.

    Raises:
        RuleBroken: the call gets stuck with no work under way.
    """
    run, now = Run(), 0
    queued: list[Any] = []
    ends: dict[Any, tuple[int, int]] = {}
    while True:
        student.settle()
        queued += [piece for piece in source.waiting if piece not in queued and piece not in ends]
        run.most_at_once = max(run.most_at_once, len(queued) + len(ends))
        while queued and (cores is None or len(ends) < cores):
            piece = queued.pop(0)
            ends[piece] = (now, now + max(1, cost(piece)))
        if not ends:
            if call is not None:
                call.wait()
            return run
        now = min(end for _, end in ends.values())
        for piece in [piece for piece, (_, end) in ends.items() if end == now]:
            run.spans.append((piece, *ends.pop(piece)))
            source.release(piece)
        if len(run.spans) > _MOST_PIECES:
            raise RuleBroken("your program starts work without end", {"kind": "flood"})
