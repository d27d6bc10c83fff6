"""Where in the program each step of a run was: by this the search tells schedules apart that look alike in numbers."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from grader.student.world.relevance import owners
from grader.student.world.scheduler import Run, Task

Site = tuple[int, int]
"""A code object and an offset in it."""

Group = tuple[Any, ...]
"""What the switches have in common that hold a thread up at the same place, for a thread at the same place."""

_DEEPEST = 10

_library: dict[int, tuple[types.CodeType, list[int]]] = {}
"""By id of a code object that is not the program's: that object, and the owners of its bytes."""


class SitedRun(Run):
    """A run that notes where its steps were."""

    __slots__ = ("firsts", "sites")

    def __init__(self, *args: Any) -> None:
        """Args: see `Run`."""
        super().__init__(*args)
        self.sites: dict[int, Site] = {}
        """By step: what the thread was about to do."""
        self.firsts: dict[int, Site] = {}
        """By task: where it begins."""

    def point(self) -> None:
        """See `Run`."""
        self.sites[self.steps + 1] = self._site(sys._getframe(1))
        super().point()

    def wait(self, ready: Callable[[], Any], kind: str, of: Any, timeout: float | None = None) -> bool:
        """See `Run`."""
        self.sites[self.steps + 1] = self._site(sys._getframe(1))
        return super().wait(ready, kind, of, timeout)

    def spawn(self, function: Callable[[], Any], name: str = "", daemon: bool = False) -> Task:
        """See `Run`."""
        thread = getattr(function, "__self__", None)
        begins: Any = getattr(thread, "_target", None) or getattr(type(thread), "run", function)
        code = getattr(begins, "__code__", None)
        self.firsts[len(self.tasks)] = (id(code or type(begins)), -1)
        return super().spawn(function, name, daemon)

    def _site(self, frame: types.FrameType) -> Site:
        """The program's own line that brought a step about; if there is none, the outermost that was looked at."""
        watched = self.watched
        found: types.FrameType | None = frame
        for _ in range(_DEEPEST):
            if found is None:
                break
            frame = found
            own = watched.get(id(frame.f_code))
            if own is not None:
                return id(frame.f_code), own[frame.f_lasti // 2]
            found = frame.f_back
        return _library_site(frame)


def site_of(frame: types.FrameType | None, watched: dict[int, list[int]]) -> Site:
    """The instruction of the program that is under way: a code object and an offset in it.

    Args:
        frame: the innermost one to look at.
        watched: the program's own code objects, as `Run` has them.
    """
    while frame is not None and id(frame.f_code) not in watched:
        frame = frame.f_back
    return (0, 0) if frame is None else (id(frame.f_code), watched[id(frame.f_code)][frame.f_lasti // 2])


def _library_site(frame: types.FrameType) -> Site:
    code = frame.f_code
    known = _library.get(id(code))
    if known is None:
        known = _library[id(code)] = (code, owners(code))
    return id(code), known[1][frame.f_lasti // 2]


def variants(run: SitedRun, last: int) -> Iterator[tuple[int, int, bool, Group]]:
    """The switches after step `last` that could have been made instead of the run's own.

    Yields:
        the step, the task that goes on, whether the one before could have gone on, and the group of the switch.
    """
    gone_on = dict(run.switches)
    pending: dict[int, Site] = dict(run.firsts)
    current = 0
    can: tuple[int, ...] = ()
    changes = [*run.choices, (run.steps + 1, ())]
    following = 0
    for step in range(1, run.steps + 1):
        here = run.sites.get(step, (0, 0))
        pending[current] = here
        chosen = gone_on.get(step, current)
        while changes[following][0] <= step:
            can = changes[following][1]
            following += 1
        if step > last and len(can) > 1:
            forced = step in run.forced
            for other in can:
                if other != chosen:
                    yield step, other, forced, (here, forced, pending.get(other))
        current = chosen
