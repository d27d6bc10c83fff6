"""Ways to choose schedules: replayed, random, sticky, by priorities (PCT), in lockstep.

Sources: Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with Probabilistic Guarantees of Finding
Bugs (ASPLOS 2010), for PCT; Musuvathi, Qadeer: Iterative Context Bounding (PLDI 2007), for the default schedule.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log

from grader.student.world.drawn import Drawn
from grader.student.world.scheduler import NEVER, Run, Strategy, Task

Switches = tuple[tuple[int, int], ...]
"""A schedule: at which step which task goes on, where it is not the one that goes on by default."""


ORDERS = ("next", "lowest", "highest")
"""Who goes on by default once the current task cannot: the next by number, the lowest number, the highest."""


def default(run: Run, enabled: list[Task], stays: bool, order: str = "next") -> Task:
    """Who goes on if nothing else is said: the current task as long as it can, then another one in this order."""
    me = run.current
    if stays:
        return me
    if order == "highest":
        return enabled[-1]
    if order == "lowest":
        return enabled[0]
    return next((task for task in enabled if task.number > me.number), enabled[0])


def written(switches: Switches) -> str:
    """A schedule as a short string: `12.1-30.2`; the default one as `-`."""
    return "-".join(f"{step}.{task}" for step, task in switches) or "-"


def named(name: str) -> Strategy:
    """The strategy of this name: of a schedule that `written` wrote, or of a drawn one.

    Raises:
        ValueError: there is none.
    """
    kind, _, rest = name.partition(":")
    try:
        if kind in _DRAWN:
            return _DRAWN[kind](*(int(number) for number in rest.split(":")))
        text, _, order = name.partition("@")
        if order and order not in ORDERS:
            raise ValueError(order)
        pairs = [] if text == "-" else [part.split(".") for part in text.split("-")]
        return Replay(tuple((int(step), int(task)) for step, task in pairs), order or "next")
    except (TypeError, ValueError):
        raise ValueError(f"no schedule: {name!r} (expected something like 12.1-30.2)") from None


class Replay:
    """The default schedule, except at given steps."""

    __slots__ = ("_at", "_order", "_switches", "name")

    def __init__(self, switches: Switches = (), order: str = "next") -> None:
        """Args: switches: in order of their steps. order: of `ORDERS`, where they say nothing."""
        self.name = written(switches) + ("" if order == "next" else f"@{order}")
        self._switches = switches
        self._order = order
        self._at = 0

    def begin(self, run: Run) -> None:
        """Starts over."""
        self._at = 0

    def joined(self, task: Task) -> None:
        """Nothing to note."""

    def exhausted(self, task: Task) -> None:
        """Nothing to note."""

    def choose(self, run: Run, enabled: list[Task], stays: bool) -> Task:
        """As the switches say; one that names a task that cannot run is passed over."""
        wanted = None
        while self._at < len(self._switches) and self._switches[self._at][0] <= run.steps:
            step, wanted_now = self._switches[self._at]
            wanted = wanted_now if step == run.steps else wanted
            self._at += 1
        for task in enabled:
            if task.number == wanted:
                return task
        return default(run, enabled, stays, self._order)

    def next_stop(self, run: Run) -> int:
        """The next switch."""
        return self._switches[self._at][0] if self._at < len(self._switches) else NEVER


class Random:
    """At each point any task that can run goes on, with the same chance."""

    __slots__ = ("_random", "_until", "name")

    def __init__(self, seed: int) -> None:
        """Args: seed: the same gives the same run."""
        self.name = f"{type(self).__name__.lower()}:{seed}"
        self._random = Drawn(seed)
        self._until = 0

    def begin(self, run: Run) -> None:
        """Nothing to prepare."""

    def joined(self, task: Task) -> None:
        """Nothing to note."""

    def exhausted(self, task: Task) -> None:
        """Nothing to note."""

    def stay(self, others: int) -> float:
        """The chance that the current task goes on for one more step."""
        return 1 / (others + 1)

    def choose(self, run: Run, enabled: list[Task], stays: bool) -> Task:
        """One at random."""
        me = run.current
        others = [task for task in enabled if task is not me] if stays else enabled
        due = run.steps >= self._until  # if not, others have come or gone since it was drawn
        if stays and not due and self._random.random() < self.stay(len(others)):
            chosen = me
        else:
            chosen = others[int(self._random.random() * len(others))]
        # How many points it takes until the next switch, drawn at once instead of point by point.
        again = self.stay(len(enabled) - 1)
        chance = self._random.random()
        self._until = run.steps + 1 + int(log(1 - chance) / log(again))
        return chosen

    def next_stop(self, run: Run) -> int:
        """When the next switch is due."""
        return self._until


class Sticky(Random):
    """The current task goes on, except with a small chance at each point."""

    __slots__ = ()

    def stay(self, others: int) -> float:
        """The chance that the current task goes on for one more step."""
        return 0.9


class Priorities:
    """PCT: the task of highest priority runs; at `depth - 1` steps chosen beforehand it gets the lowest."""

    __slots__ = ("_changes", "_lowest", "_priority", "_random", "name")

    def __init__(self, seed: int, depth: int, length: int) -> None:
        """Args: seed. depth: of the faults looked for. length: steps of a run, about."""
        self.name = f"priorities:{seed}:{depth}:{length}"
        self._random = Drawn(seed)
        self._changes = sorted(self._random.randrange(1, max(2, length)) for _ in range(depth - 1))
        self._priority: dict[int, float] = {}
        self._lowest = 0.0

    def begin(self, run: Run) -> None:
        """Nothing to prepare."""

    def joined(self, task: Task) -> None:
        """A new task gets a priority."""
        self._priority[task.number] = self._random.random()

    def exhausted(self, task: Task) -> None:
        """One that spins goes behind all others."""
        self._lowest -= 1.0
        self._priority[task.number] = self._lowest

    def choose(self, run: Run, enabled: list[Task], stays: bool) -> Task:
        """The one of highest priority."""
        while self._changes and self._changes[0] <= run.steps:
            self._changes.pop(0)
            self.exhausted(run.current)
        priority = self._priority
        return max(enabled, key=lambda task: priority[task.number])

    def next_stop(self, run: Run) -> int:
        """The next change of a priority."""
        return self._changes[0] if self._changes else NEVER


class Events:
    """Partial order sampling: each next step of a task has a random priority of its own, and keeps it until it is made.

    So some steps are held back for long, whichever they are. Source: Yuan, Yang, Gu: Partial Order Aware Concurrency
    Sampling (CAV 2018); without its knowledge of which steps conflict.
    """

    __slots__ = ("_priority", "_random", "_until", "name")

    def __init__(self, seed: int) -> None:
        """Args: seed: the same gives the same run."""
        self.name = f"events:{seed}"
        self._random = Drawn(seed)
        self._priority: dict[int, float] = {}
        self._until = 0

    def begin(self, run: Run) -> None:
        """Nothing to prepare."""

    def joined(self, task: Task) -> None:
        """Its first step gets a priority."""
        self._priority[task.number] = self._random.random()

    def exhausted(self, task: Task) -> None:
        """One that spins is held back."""
        self._priority[task.number] = 0.0

    def choose(self, run: Run, enabled: list[Task], stays: bool) -> Task:
        """The one whose next step has the highest priority."""
        me, priority = run.current, self._priority
        if stays:
            others = max([priority[task.number] for task in enabled if task is not me])
            # Up to now its steps came before those of all others; is this the one that does not?
            priority[me.number] = self._random.random() * (others if run.steps >= self._until else 1.0)
        chosen = max(enabled, key=lambda task: priority[task.number])
        others = max([priority[task.number] for task in enabled if task is not chosen])
        stay = 1 - others
        self._until = run.steps + 1 + (int(log(1 - self._random.random()) / log(stay)) if 0 < stay < 1 else 0)
        return chosen

    def next_stop(self, run: Run) -> int:
        """The first step that others come before."""
        return self._until


class Lockstep(Replay):
    """All tasks in turn, a few steps each: the fair schedule in which polite threads never get on."""

    __slots__ = ("_turn", "_until")

    def __init__(self, turn: int, first: int = 0) -> None:
        """Args: turn: steps of each turn. first: steps before the first switch."""
        super().__init__()
        self.name = f"lockstep:{turn}:{first}"
        self._turn = turn
        self._until = first

    def choose(self, run: Run, enabled: list[Task], stays: bool) -> Task:
        """The next by number, at the end of a turn."""
        if stays and run.steps < self._until:
            return run.current
        self._until = run.steps + self._turn
        return default(run, enabled, stays=False)

    def next_stop(self, run: Run) -> int:
        """The end of the turn."""
        return self._until


_DRAWN: dict[str, Callable[..., Strategy]] = {
    "random": Random, "sticky": Sticky, "priorities": Priorities, "events": Events, "lockstep": Lockstep,
}  # fmt: skip
