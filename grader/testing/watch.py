"""Watches the student process while a test waits: is it stuck, runaway, only polling, too big?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from grader.testing import kernel, tcp
from grader.testing.polling import Polling
from grader.testing.quiet import LoopbackFlush, proved_quiet

_FEWEST_LOOKS = 750
_MOST_LOOKS = 4
"""Times `looks`: so often is one looked at in one test all in all, in silence, however often it says something."""

_SPIN_SECONDS = 0.3
_GROWTH = 1 / 8
"""Of the memory limit: so much more memory is something to show for the CPU used."""

_LEAST_CPU_SECONDS, _LEAST_IDLE_SECONDS = 0.5, 1.0

_MOST_CPU = 20
"""Times `cpu_seconds`: one that says something now and then, and uses so much in one test all in all, never ends."""

_MOST_ASLEEP = 12
"""Times `idle_seconds`: one that says something now and then, and sleeps so long in one test all in all, never ends."""

_LONGEST_LOOK = 0.1
"""Seconds of sleep that one look stands for at most, however long ago the last one was."""


@dataclass(frozen=True)
class Limits:
    """What a student process may use before a test gives it up."""

    cpu_seconds: float = 2.0
    """Seconds of CPU with no answer: a loop without end."""
    idle_seconds: float = 5.0
    """Seconds in which it only sleeps, with no answer, before it is taken to sleep for ever."""
    memory_mib: int = 1024
    processes: int = 512
    files: int = 1024
    output_kib: int = 64
    looks: int = 6_000
    """Looks at it, fifty a second at most, that do not tell why it is silent: no verdict. A busy machine slows them."""


def shortest(limits: Limits, given_up: str) -> Limits:
    """The limits for a submission whose first test has used some of them up: as short as they come there.

    Args:
        limits: of the exercise.
        given_up: for what, as `Watch.verdict` says.
    """
    while (less := shorter(limits, given_up)) != limits:
        limits = less
    return limits


def shorter(limits: Limits, given_up: str) -> Limits:
    """The limits for a submission that has just used some of them up: half as patient there, down to a floor.

    Args:
        limits: which it had.
        given_up: for what, as `Watch.verdict` says.
    """
    if given_up == "no verdict":
        return replace(limits, looks=max(min(limits.looks, _FEWEST_LOOKS), limits.looks // 2))
    if given_up not in ("runaway", "idle", "endless"):
        return limits
    return replace(
        limits,
        cpu_seconds=max(min(limits.cpu_seconds, _LEAST_CPU_SECONDS), limits.cpu_seconds / 2),
        idle_seconds=max(min(limits.idle_seconds, _LEAST_IDLE_SECONDS), limits.idle_seconds / 2),
    )


@dataclass
class Watch:
    """The state of watching one student process; `progress` restarts all counts but those of the whole test."""

    pid: int
    limits: Limits
    flush: LoopbackFlush
    limits_sockets: Callable[[], bool] = lambda: False
    """Whether its program has given a socket a time limit of the kernel's."""
    _since: float = field(default_factory=time.monotonic)
    _cpu_then: float | None = None
    _memory_then: int = 0
    _waits: int = 0
    _all_waits: int = 0
    _looks: int = 0
    _asleep: int = 0
    _slept: float = 0.0
    _asleep_since: float | None = None
    _still: tuple[kernel.ThreadView, ...] = ()
    _still_since: float = 0.0
    _polling: Polling = field(init=False)

    def __post_init__(self) -> None:
        self._polling = Polling(self.limits.idle_seconds / 4)

    def progress(self) -> None:
        """The process has answered, or the test has sent it something."""
        self._since = time.monotonic()
        self._cpu_then = self._asleep_since = None
        self._looks = self._asleep = self._waits = 0
        self._still = ()
        self._polling.start_anew()

    def verdict(self) -> str | None:
        """Why waiting on is of no use, or None.

        Returns:
            "stuck", "runaway", "idle", "endless", "memory", "bomb", "gone", "no verdict" or None.
        """
        waited = time.monotonic() - self._since
        if not kernel.can_look():
            return "idle" if waited > self.limits.idle_seconds else None
        view = self._look()
        if view is None:
            return "no verdict" if waited > self.limits.idle_seconds else None
        if kernel.is_ending(self.pid):
            return "gone"  # and left processes behind, which keep its pipes open
        self._count(view)
        self._add_sleep(view)
        self._waits += 1
        self._all_waits += 1
        most = self.limits.memory_mib << 20
        if view.memory > most and kernel.memory_shared_out(self.pid) > most:
            return "memory"
        if len(view.threads) > self.limits.processes:
            return "bomb"
        if view.cpu - (self._cpu_then or 0.0) > self.limits.cpu_seconds:
            return "runaway"
        if proved_quiet(self.pid, view, self.flush):
            return "stuck"
        if self._lasts(view):
            return "endless"
        if self._idles(waited):
            return "idle"
        in_vain = self._waits > self.limits.looks or self._all_waits > _MOST_LOOKS * self.limits.looks
        return "no verdict" if in_vain else None

    def _look(self) -> kernel.View | None:
        view = kernel.look(self.pid)
        return view.with_limits_on_sockets() if view is not None and self.limits_sockets() else view

    def _lasts(self, view: kernel.View) -> bool:
        """Whether it has used up, or slept through, what a whole test may take."""
        used_up = view.cpu > _MOST_CPU * self.limits.cpu_seconds
        return used_up or self._slept > _MOST_ASLEEP * self.limits.idle_seconds

    def _idles(self, waited: float) -> bool:
        """Whether it polls or sleeps in vain."""
        if self._polling.hopeless and self._nothing_comes() and self._polling.hopeless:
            return True
        return waited > self.limits.idle_seconds and self._asleep > 0.9 * self._looks

    def quiet(self) -> bool:
        """Whether nothing more will happen until the test does something.

        Proved where all waits are untimed. Where threads sleep or poll, judged by what the kernel counts:
        see `grader.testing.polling`.
        """
        view = self._look() if kernel.can_look() else None
        if view is None:
            return time.monotonic() - self._since > self.limits.idle_seconds / 10
        self._count(view)
        if view.untimed:
            return proved_quiet(self.pid, view, self.flush) or self._awaits_a_far_alarm(view)
        return self._polling.settled and self._nothing_comes() and self._polling.settled

    def spins(self) -> bool:
        """Whether it has kept a CPU busy with nothing to show for it: it computes, or looks over and over."""
        view = self._look() if kernel.can_look() else None
        return view is not None and view.cpu - (self._cpu_then or view.cpu) > _SPIN_SECONDS

    def _nothing_comes(self) -> bool:
        """Whether no packet is on its way; looks again after that, at whom one has woken meanwhile."""
        self.flush()
        if tcp.bytes_on_the_way(self.pid) or (again := self._look()) is None:
            return False
        self._polling.take(again)
        return True

    def _awaits_a_far_alarm(self, view: kernel.View) -> bool:
        """Whether nothing but an alarm of its own could wake it, and that has not gone off for as long as any sleep."""
        now = time.monotonic()
        if view.threads != self._still:
            self._still, self._still_since = view.threads, now
        far = now - self._still_since > self._polling.longest_sleep
        return far and kernel.awaits_alarm(self.pid) and not tcp.bytes_on_the_way(self.pid)

    def _add_sleep(self, view: kernel.View) -> None:
        """Adds up how long the test has waited for a process that slept, from one look to the next in one wait.

        Not from what it said last: in that time it may have waited for us.
        """
        now = time.monotonic()
        if view.asleep and self._asleep_since is not None:
            self._slept += min(_LONGEST_LOOK, now - self._asleep_since)
        self._asleep_since = now if view.asleep else None

    def _count(self, view: kernel.View) -> None:
        self._looks += 1
        self._asleep += view.asleep
        self._polling.take(view)
        grows = view.memory - self._memory_then > _GROWTH * (self.limits.memory_mib << 20)
        if self._cpu_then is None or grows:  # one that takes more and more memory is ended by that limit
            self._cpu_then, self._memory_then = view.cpu, view.memory
