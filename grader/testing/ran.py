"""What was seen in one run of a test's script in the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heapreplace
from typing import TYPE_CHECKING, Any

from grader import wire
from grader.testing.outcomes import Inconclusive, RuleBroken
from grader.testing.values import Raised

if TYPE_CHECKING:
    from grader.testing.script import Later, WorldProbe

_WORDS = {
    "deadlock": "Your program is in a deadlock: every thread waits, and nothing can wake one.",
    "left behind": "A thread of your program waits for ever, after the call is over.",
    "livelock": "Your program goes on and on without getting anywhere.",
}


@dataclass(frozen=True)
class ProbeCall:
    """One call of a probe by the student's code."""

    args: tuple[Any, ...]
    thread: int
    """Numbers of threads: 0 is the script's own, which made the first call."""
    began: float
    """Units of virtual time."""
    ended: float | None
    """None: it never did."""
    came: int
    """Which of all begins and ends of probe calls its begin was."""
    went: int | None


class Ran:
    """What was seen in one run. `ran[later]` is what a step gave."""

    def __init__(self, observed: wire.Observed, decode: Callable[[Any], Any], probes: list[str]) -> None:
        """Args: observed: as it came over the wire. decode: for values. probes: their names."""
        self._observed = observed
        self._decode = decode
        self._probes = probes
        self.ending = observed.ending
        self.problem = observed.problem[:200]
        self.stuck = observed.stuck
        self.threads_started = observed.threads

    def __getitem__(self, later: Later) -> Any:
        """What the call returned.

        Raises:
            RuleBroken: it raised.
        """
        kind, value = self._result(later)
        if kind == "error":
            raise RuleBroken(f"`{later.name}` raised {value!r}", {"kind": "exception"})
        return value

    def error(self, later: Later) -> Raised:
        """What the call raised.

        Raises:
            RuleBroken: it returned.
        """
        kind, value = self._result(later)
        if kind != "error":
            raise RuleBroken(f"`{later.name}` returned where it had to raise an exception")
        return value  # type: ignore[no-any-return]

    def client(self, later: Later) -> tuple[str, bytes]:
        """How a client's connection ended, and the bytes that it got.

        It is "closed", "reset", "refused" or "hung up"; "outlasted": it went on sending, and the server let it.
        """
        _, value = self._result(later)
        ending, reply = value if isinstance(value, list) and len(value) == 2 else ("", "")
        return str(ending), str(reply).encode("latin-1", "replace")

    def left_behind(self, later: Later) -> int:
        """How many threads that were started during a call were still there when it was over."""
        return int(self._observed.left.get(str(later.number), 0))

    def threads_after(self, later: Later) -> int:
        """How many threads of the program's were there when a call was over, whichever call had started them.

        As with `left_behind`, none is counted for a call beside which another one was under way.
        """
        return int(self._observed.there.get(str(later.number), 0))

    def calls(self, probe: WorldProbe) -> list[ProbeCall]:
        """The calls of a probe, in the order in which they began."""
        entries = [entry for entry in self._observed.entries if entry[0] == probe.number]
        return [
            ProbeCall(tuple(self._decode(item) for item in args), task, began, ended, came, went)
            for _, task, args, began, ended, came, went in entries
        ]

    def most_at_once(self, probe: WorldProbe) -> int:
        """How many calls of a probe were under way at once, at most."""
        marks = []
        for call in self.calls(probe):
            marks.append((call.came, 1))
            marks += [] if call.went is None else [(call.went, -1)]
        most = now = 0
        for _, step in sorted(marks):
            now += step
            most = max(most, now)
        return most

    @property
    def makespan(self) -> float:
        """Units of virtual time from the first begin of a probe's call to the last end."""
        begins = [entry[3] for entry in self._observed.entries]
        ends = [entry[4] for entry in self._observed.entries if entry[4] is not None]
        return max(ends, default=0.0) - min(begins, default=0.0)

    def best_makespan(self, cores: int) -> float:
        """Units of virtual time that the same calls of probes would take on so many cores, dealt out longest first.

        To be asked of a run on as many cores as it wanted; calls of which one began when the others were over stay so.
        """
        spans = sorted((entry[3], entry[4]) for entry in self._observed.entries if entry[4] is not None)
        total, until = 0.0, 0.0
        phase: list[float] = []
        for began, ended in [*spans, (float("inf"), 0.0)]:
            if phase and began >= until:
                total += _dealt_out(phase, cores)
                phase = []
            phase.append(ended - began)
            until = max(until, ended)
        return total

    def timeline(self) -> list[dict[str, Any]]:
        """When each call of a probe began and ended, for people."""
        return [
            {"probe": self._probes[entry[0]], "thread": entry[1], "began": entry[3], "ended": entry[4]}
            for entry in self._observed.entries[:200]
            if 0 <= entry[0] < len(self._probes)
        ]

    def check_ending(self) -> None:
        """It must have come to an end, and leave no thread that waits for ever.

        Raises:
            RuleBroken: it has not, or does.
            Inconclusive: the program uses what the world does not model.
        """
        if self.ending == "not modelled":
            raise Inconclusive(
                f"your program uses {self.problem}, which the controlled world does not have: no verdict",
                {"kind": "not modelled", "name": self.problem},
            )
        if self.ending in _WORDS:
            waits = [f"  {name} {_waiting(call)}" for name, call, _ in self.stuck[:6]]
            raise RuleBroken("\n".join([_WORDS[self.ending], *waits]), {"kind": self.ending})

    def check_errors(self) -> None:
        """No thread may have ended by an exception that is not the test's own.

        Raises:
            RuleBroken: one has.
        """
        for name, data in self._observed.errors:
            raised = self._decode(data)
            if isinstance(raised, Raised) and raised.origin is None:
                raise RuleBroken(f"{name[:80]} ended by an exception: {raised!r}", {"kind": "exception"})

    def _result(self, later: Later) -> tuple[str, Any]:
        found = self._observed.results.get(str(later.number))
        if not found or len(found) != 2:
            raise RuleBroken(f"`{later.name}` did not come to its end")
        kind, data = found
        return str(kind), data if kind in ("client", "kept") else self._decode(data)


def _dealt_out(pieces: list[float], cores: int) -> float:
    """When the last piece is over, if each goes to the core that is free first, the longest pieces first."""
    free = [0.0] * cores
    for piece in sorted(pieces, reverse=True):
        heapreplace(free, free[0] + piece)
    return max(free)


def _waiting(call: str) -> str:
    return {
        "": "goes on and on",
        "acquire": "waits for a lock",
        "join": "waits for a thread to end (join)",
        "get": "waits for a queue to hold something (get)",
        "put": "waits for room in a queue (put)",
        "wait": "waits to be notified (wait)",
        "accept": "waits for a connection (accept)",
        "recv": "waits for bytes (recv)",
    }.get(call, f"waits in {call[:40]}")
