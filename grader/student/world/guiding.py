"""Lets a player choose who goes on: runs that stop wherever something happens that the story of a failure tells of.

Between two stops a thread runs as it likes. At a stop there is a choice if more than one thread can go on; after the
choices that were made the current thread goes on as long as it can. So all orders of what matters can be gone through,
choice by choice, without all orders of everything.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from grader.student.world import telling
from grader.student.world.points import Points
from grader.student.world.recording import Recorded, recorder
from grader.student.world.scheduler import Run, Task
from grader.student.world.sites import Site, site_of
from grader.student.world.strategies import default
from grader.student.world.telling import Event

_MOST_CHOICES = 400
_CALLS = ("calls ", "in ")


class Choice(NamedTuple):
    """One choice that was there."""

    can: list[int]
    """The tasks that could go on."""
    chosen: int
    stays: int
    """The task that was under way and could have gone on; -1 if it could not."""
    after: Event | None
    """The last event before it."""


class Guide:
    """A schedule that is chosen stop by stop."""

    __slots__ = ("_choices", "_passes", "_visible", "begun", "is_within", "last", "made")

    name = "guided"

    def __init__(self, visible: Iterable[Site], choices: list[int]) -> None:
        """Args: visible: where to stop. choices: the numbers of tasks, one for each choice in order."""
        self._visible = frozenset(visible)
        self._choices = choices
        self.made: list[Choice] = []
        self.last: Callable[[], Event | None] = lambda: None
        self.is_within: Callable[[int, Site], bool] = lambda task, site: False
        self.begun: set[int] = set()
        self._passes = -1

    def begin(self, run: Run) -> None:
        """Nothing to prepare."""

    def joined(self, task: Task) -> None:
        """Nothing to note."""

    def exhausted(self, task: Task) -> None:
        """Nothing to note."""

    def choose(self, run: Run, enabled: list[Task], stays: bool) -> Task:
        """The current task, up to its next stop; there, whoever the player chooses."""
        me = run.current
        if stays:
            here = site_of(sys._getframe(1), run.watched)
            if here not in self._visible or self.is_within(me.number, here):
                return me
            if self._passes == me.number:  # it has just begun: to choose it meant its first step that is told
                self._passes = -1
                return me
        chosen = self._chosen(run, enabled, stays)
        self._passes = -1 if chosen.number in self.begun else chosen.number
        return chosen

    def next_stop(self, run: Run) -> int:
        """Anywhere."""
        return run.steps + 1

    def _chosen(self, run: Run, enabled: list[Task], stays: bool) -> Task:
        chosen = default(run, enabled, stays)
        at = len(self.made)
        if at >= _MOST_CHOICES:
            return chosen
        for task in enabled:
            if at < len(self._choices) and task.number == self._choices[at]:
                chosen = task
        stayed = run.current.number if stays else -1
        self.made.append(Choice([task.number for task in enabled], chosen.number, stayed, self.last()))
        return chosen


class Guided(Recorded):
    """A run under a `Guide`; see `guided`. Its story is told choice by choice."""

    __slots__ = ()

    guide: Guide

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.guide.last = lambda: self._log.last
        self.guide.is_within = self._is_within

    def point(self) -> None:
        """As in any run; notes who has begun."""
        self.guide.begun.add(self.current.number)
        super().point()

    def wait(self, ready: Callable[[], Any], kind: str, of: Any, timeout: float | None = None) -> bool:
        """As in any run; notes who has begun."""
        self.guide.begun.add(self.current.number)
        return super().wait(ready, kind, of, timeout)

    def _make_story(self, tasks: list[str], waits: list[dict[str, Any]], error: list[Any] | None) -> dict[str, Any]:
        parts: list[list[list[Any]]] = [[]]
        ends = [choice.after for choice in self.guide.made]
        while ends and ends[0] is None:
            parts.append([])
            ends.pop(0)
        told = {id(event) for event in telling.unsurpassed(self._log.events) if self._is_told(event)}
        for event in self._log.events:
            if id(event) in told:
                parts[-1].append([event.task, event.file, event.line, telling.worded(event, self._log.names)])
            while ends and ends[0] is event:
                parts.append([])
                ends.pop(0)
        return {
            "tasks": [str.__getitem__(name, slice(80)) for name in tasks],
            "choices": [[choice.can, choice.chosen, choice.stays] for choice in self.guide.made],
            "did": parts,
            "waits": waits[:20],
            "error": error,
        }

    def _is_within(self, task: int, site: Site) -> bool:
        """Whether a task is further on in a call that has been told of: of a probe, or of the library."""
        last = self._log.last_of(task)
        return last is not None and last.site == site and last.before.startswith(_CALLS)

    def _is_told(self, event: Event) -> bool:
        return event.always or event.site in self.guide._visible


def guided(points: Points, guide: Guide) -> type[Guided]:
    """The kind of run to give to `World.run` together with the guide itself."""
    return type("Guided", (Guided,), {**vars(recorder(points)), "guide": guide})
