"""Looks for a schedule under which a program fails, and for the shortest one like it.

First all schedules with at most one pre-emption, as far as the budget reaches, those first that hold a thread up where
none was yet; then a portfolio of random ones, each from a fixed seed, and of those with more pre-emptions. Budgets are
counted in schedules and steps, never in seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import NamedTuple

from grader.student.world.drawn import Drawn
from grader.student.world.scheduler import Run, Strategy
from grader.student.world.sites import Group, SitedRun, variants
from grader.student.world.strategies import ORDERS, Events, Lockstep, Priorities, Random, Replay, Sticky, Switches

_LONGEST_SEED = 1 << 31
_MOST_PREEMPTIONS = 3
_LOOKS = 1
"""So many schedules of each group are tried before anything else is."""


@dataclass(frozen=True)
class Budget:
    """How much may be tried."""

    schedules: int = 1_000
    steps: int = 20_000
    """Of one run: a program that takes more is taken to go on for ever."""
    bounded: int = 300
    """Schedules of the first phase, with at most one pre-emption."""
    shrink: int = 200
    """Runs to find a shorter schedule that fails, too."""


class Search:
    """Gives schedules one after the other, and learns from each run."""

    __slots__ = ("_bounded", "_budget", "_deep", "_given", "_longest", "_random", "complete")

    def __init__(self, budget: Budget, seed: int = 0) -> None:
        """Args: budget. seed: another one gives other random schedules."""
        self._budget = budget
        self._random = Drawn(seed)
        self._bounded = _Frontier(self._random, budget.schedules)
        self._deep = _Frontier(self._random, budget.schedules)
        self._given: _Found | None = None
        for number, order in enumerate(ORDERS):
            self._bounded.add((0, 0, number - len(ORDERS)), _Found((), order, 0, ()))
        self._longest = 1
        self.complete = False
        """Whether every schedule with at most one pre-emption has been given."""

    def __iter__(self) -> Iterator[Strategy]:
        given = 0
        most = min(self._budget.bounded, self._budget.schedules)
        while self._bounded and given < most:
            if self._bounded.looks >= _LOOKS and 2 * len(self._bounded) >= most - given:
                break
            yield self._take(self._bounded)
            given += 1
        for number in range(given, self._budget.schedules):
            yield self._next(number)
        self.complete = not self._bounded

    @property
    def kind(self) -> type[Run]:
        """Of the run to be made with the schedule that was given last."""
        return Run if self._given is None else SitedRun

    def learn(self, run: Run) -> None:
        """To be called with the run of the schedule that was given last."""
        self._longest = max(self._longest, run.steps)
        given = self._given
        if given is None or not isinstance(run, SitedRun):
            return
        last = given.switches[-1][0] if given.switches else 0
        size = len(given.switches) + 1
        for step, other, forced, group in variants(run, last):
            preemptions = given.preemptions + (not forced)
            if preemptions <= 1:
                frontier, turn = self._bounded, self._bounded.turn(group, size)
            elif preemptions <= _MOST_PREEMPTIONS:
                frontier, turn = self._deep, self._deep.turn((given.group, group), size)
            else:
                continue
            if turn is not None:
                frontier.add(turn, _Found((*given.switches, (step, other)), given.order, preemptions, group))

    def _take(self, frontier: _Frontier) -> Strategy:
        self._given = frontier.take()
        return Replay(self._given.switches, self._given.order)

    def _next(self, number: int) -> Strategy:
        """One from the portfolio."""
        self._given = None
        seed = self._random.randrange(0, _LONGEST_SEED)
        kind = number % 10
        if kind in (0, 5) and (self._deep or self._bounded):
            return self._take(self._deep or self._bounded)
        if kind == 1:
            return Random(seed)
        if kind == 2:
            return Events(seed)
        if kind == 3:
            return Lockstep(1 + seed % 7, seed // 7 % self._longest)
        if kind == 4:
            return Sticky(seed)
        return Priorities(seed, (3, 6, 12)[seed % 3], self._longest)


class _Found(NamedTuple):
    """A schedule that was found and not yet given."""

    switches: Switches
    order: str
    preemptions: int
    group: Group


_Turn = tuple[int, int, float]
"""How often one of its group has been found before, how many switches it has, and whatever falls to it."""


class _Frontier:
    """Schedules to be given: of each group one before any group comes again."""

    __slots__ = ("_heap", "_most", "_random", "_seen")

    def __init__(self, drawn: Drawn, most: int) -> None:
        self._heap: list[tuple[_Turn, _Found]] = []
        self._seen: dict[Group, int] = {}
        self._random = drawn
        self._most = most
        """So many are taken at most."""

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def looks(self) -> int:
        """How often a schedule of the next one's group has been found before it."""
        return self._heap[0][0][0]

    def turn(self, group: Group, size: int) -> _Turn | None:
        """When one of a group, of so many switches, has its turn; None: never, so many of its group come before it."""
        before = self._seen.get(group, 0)
        self._seen[group] = before + 1
        drawn = self._random.random()
        return (before, size, drawn) if before < self._most else None

    def add(self, turn: _Turn, found: _Found) -> None:
        """Adds one. Args: turn: of it. found: what has the turn."""
        heappush(self._heap, (turn, found))

    def take(self) -> _Found:
        """The next one."""
        return heappop(self._heap)[1]


def shrink(switches: Switches, fails: Callable[[Switches], bool], runs: int) -> Switches:
    """The fewest switches found with which the program still fails.

    Args:
        switches: with these it fails.
        fails: runs the program with other ones, and tells whether it fails.
        runs: how often it may be run.
    """
    best = switches
    size = max(1, len(best) // 2)
    while runs > 0:
        at = 0
        shorter = False
        while at < len(best) and runs > 0:
            runs -= 1
            candidate = best[:at] + best[at + size :]
            if fails(candidate):
                best, shorter = candidate, True
            else:
                at += size
        if size == 1 and not shorter:
            break
        size = max(1, size // 2)
    return best
