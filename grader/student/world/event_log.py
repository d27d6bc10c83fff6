"""The events of a run that is recorded, in the order of what the program did; an exception where it was raised."""

from __future__ import annotations

import sys
import types

from grader.student.world.expressions import Expressions
from grader.student.world.looks import shown, type_name
from grader.student.world.points import Points
from grader.student.world.scheduler import Run
from grader.student.world.sites import site_of
from grader.student.world.telling import Clocks, Event, Names

_RELEASES = ("gives back ", "gives a permit back to ")
_TRACEBACK = vars(BaseException)["__traceback__"].__get__
_ARGS = vars(BaseException)["args"].__get__


class EventLog:
    """What has happened in a run so far."""

    def __init__(self, run: Run, points: Points, expressions: Expressions) -> None:
        """Args: run: that goes on. points: of the world. expressions: of the program."""
        self.events: list[Event] = []
        self.names = Names()
        self.clocks = Clocks()
        self._run = run
        self._points = points
        self._expressions = expressions
        self._errors_seen = 0

    @property
    def last(self) -> Event | None:
        """The latest event."""
        return self.events[-1] if self.events else None

    def last_of(self, task: int) -> Event | None:
        """The latest event of a task."""
        return next((event for event in reversed(self.events) if event.task == task), None)

    def event(self, file: str, line: int, before: str) -> Event:
        """An event of the current task, to be completed and added."""
        me = self._run.current.number
        return Event(me, file, line, before, clock=self.clocks.of(me))

    def add(self, event: Event) -> None:
        """Notes an event, after the exceptions that have come up since the last one."""
        self.note_errors()
        event.site = site_of(sys._getframe(1), self._run.watched)
        self.events.append(event)

    def note_errors(self) -> None:
        """Puts the exceptions that have come up since the last event where they were raised."""
        for task, error in self._run.errors[self._errors_seen :]:
            self._errors_seen += 1
            trace, left = _TRACEBACK(error), []
            while trace is not None:
                if self._points.watches(trace.tb_frame.f_code):
                    left.append((trace.tb_frame.f_code, trace.tb_lineno))
                trace = trace.tb_next
            if left:
                code, line = left[-1]
                clock = self.clocks.of(task.number)
                text = f"raises {message(error)}"
                event = Event(task.number, code.co_filename, line, text, always=True, clock=clock)
                self.events.insert(self._raised_at(event, left), event)

    def _raised_at(self, event: Event, left: list[tuple[types.CodeType, int]]) -> int:
        """Before what the task has released on its way out."""
        end = len(self.events)
        for at in range(end - 1, -1, -1):
            other = self.events[at]
            if other.task != event.task:
                continue
            if not (other.before.startswith(_RELEASES) and any(self._on_way_out(other, *call) for call in left)):
                return at + 1
            end = at
        return end

    def _on_way_out(self, event: Event, code: types.CodeType, line: int) -> bool:
        """Whether a release comes after what a call did at a line, in a `finally` or at the end of a `with`."""
        within = self._expressions.is_within(event.file, line, event.line)
        return event.code is code and (event.line > line or within)


def message(error: BaseException) -> str:
    """An exception as a line of text."""
    args = _ARGS(error)
    text = ", ".join(arg if type(arg) is str and len(args) == 1 else shown(arg) for arg in args)
    text = text.partition("\n")[0]  # pytest explains a failed assert on further lines
    return f"{type_name(error)}: {text[:200]}" if text else type_name(error)
