"""Records the replay of one schedule: which task did what at which line, in the student's own terms.

The recorder looks and never touches: no code of the student's is run, no object of theirs is kept alive, and whatever
goes wrong in here is lost from the story, not from the run.
"""

from __future__ import annotations

import contextlib
import sys
import types
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any

from grader.student.world import telling
from grader.student.world.accesses import Accesses
from grader.student.world.call_sites import EXIT, Call, CallSites
from grader.student.world.calls import Step, lacks, owner_of, said
from grader.student.world.event_log import EventLog, message
from grader.student.world.expressions import Expressions
from grader.student.world.looks import kind_of, number_of, shown, type_name, vars_of
from grader.student.world.points import Points
from grader.student.world.scheduler import Run, Task
from grader.student.world.sites import Site
from grader.student.world.telling import ANY, Event, Touch


def recorder(points: Points, read: Callable[[str], str] | None = None) -> type[Recorded]:
    """The kind of run to give to `World.run`; afterwards its `story` is there.

    Args:
        points: of the world.
        read: gives the text of a file of the program; None: it lies where its name says.
    """
    names = {"points": points, "read": staticmethod(read or _read), "__doc__": Recorded.__doc__, "__slots__": ()}
    return type("Recorded", (Recorded,), names)


class Recorded(Run):
    """A run that is recorded; see `recorder`."""

    __slots__ = ("_accesses", "_call_sites", "_log", "_waiting", "story", "visible")

    points: Points
    read: Callable[[str], str]

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.observer = self._observe
        self.story: dict[str, Any] = {}
        """What `telling.story` makes of it, once the run is over."""
        self.visible: set[Site] = set()
        """Where in the program the events of the story come about."""
        expressions = Expressions(self.read)
        self._log = EventLog(self, self.points, expressions)
        self._accesses = Accesses(self._log, self.points, expressions)
        self._call_sites = CallSites(self.points, expressions)
        self._waiting: dict[int, Call] = {}

    # --- what the run does ---------------------------------------------------------------------

    def point(self) -> None:
        """As in any run; then notes the call."""
        self._accesses.settle()
        super().point()
        with contextlib.suppress(Exception):
            call = self._call_sites.find(sys._getframe(1))
            if call is not None:
                self._note(call, None, True)

    def wait(self, ready: Callable[[], Any], kind: str, of: Any, timeout: float | None = None) -> bool:
        """As in any run; then notes the call."""
        self._accesses.settle()
        if self._aborting:
            return super().wait(ready, kind, of, timeout)
        me = self.current.number
        call = None
        with contextlib.suppress(Exception):
            call = self._call_sites.find(sys._getframe(1))
            if call is not None:
                self._waiting[me] = call
                self._note_holder(call, kind, of)
        came = super().wait(ready, kind, of, timeout)
        with contextlib.suppress(Exception):
            self._waiting.pop(me, None)
            if call is not None:
                self._note(call, kind, came)
        return came

    def spawn(self, function: Callable[[], Any], name: str = "", daemon: bool = False) -> Task:
        """As in any run; then notes who has started whom."""
        task = super().spawn(function, name, daemon)
        self._log.clocks.started(None if self.current is None else self.current.number, task.number)
        return task

    def execute(self, function: Callable[[], Any]) -> None:
        """As in any run; then makes the story."""
        super().execute(function)
        self._accesses.settle()
        with contextlib.suppress(Exception):
            self._log.note_errors()
            waits = [wait for task, kind, _ in self.stuck for wait in self._waits(task, kind)]
            error = [[task.number, message(error)] for task, error in self.errors[:1]]
            self.story = self._make_story([task.name for task in self.tasks], waits, error[0] if error else None)
        self._waiting.clear()
        self._log.events.clear()

    def _observe(self, run: Run, code: types.CodeType, offset: int) -> None:
        with contextlib.suppress(Exception):
            frame: types.FrameType | None = sys._getframe(1)
            while frame is not None and frame.f_code is not code:
                frame = frame.f_back
            if frame is not None:
                local = frame.f_locals
                self._accesses.note(frame, local, offset)
                if sys.version_info < (3, 13) and code.co_flags & 1:
                    local.clear()  # this snapshot would keep objects alive

    # --- calls on modelled objects ---------------------------------------------------------------

    def _note(self, call: Call, kind: str | None, came: bool) -> None:
        me = self.current
        group = call.group
        if not call.file:
            if group is not None:
                self._log.names.used(group, me.number)
            return
        if call.through:
            self._add_through(call, group, kind is not None)
            return
        step = Step(call.thing, call.method, me, kind, came, call.item)
        words = said(step) if call.is_modelled else None
        if words is None:
            return
        is_thread = kind_of(call.thing) == "thread"
        self._add_call(call, words, always=is_thread and call.method in ("start", "join"))
        if is_thread and call.method == "join" and came:
            other = vars_of(call.thing).get("_world_task")
            if type(other) is Task:
                self._log.clocks.joined(me.number, other.number)

    def _note_holder(self, call: Call, kind: str, of: Any) -> None:
        """A task is about to wait for a lock that somebody holds."""
        owner = owner_of(of) if kind == "acquire" else None
        me = self.current
        if owner is None or not call.file or call.through or (owner is me and type(of).__name__ == "RLock"):
            return
        again = call.method in ("wait", "wait_for")
        held = f"{' again' if again else ''}, held by {'itself' if owner is me else owner.name}"
        self._add_call(call, ("waits for ", held), always=False)

    def _add_call(self, call: Call, words: tuple[str, str], always: bool) -> None:
        group = call.group
        number = number_of(call.thing)
        me = self.current.number
        if kind_of(call.thing) == "thread":
            event = self._log.event(call.file, call.line, words[0] + shown(call.thing) + words[1])
        elif number is None:
            event = self._log.event(call.file, call.line, words[0] + (call.name or type_name(call.thing)) + words[1])
        else:
            self._log.names.give(number, kind_of(call.thing), me, call.name)
            event = self._log.event(call.file, call.line, words[0])
            event.number, event.name, event.after = number, call.name, words[1]
        event.always, event.code = always, call.code
        if group is not None:
            event.touches.append(Touch(group, ANY, True))
        self._log.add(event)

    def _add_through(self, call: Call, group: Hashable | None, waited: bool) -> None:
        text = f"in {call.through}"
        if call.method == "probe":
            text = f"{'is back from' if waited else 'calls'} {call.through}"
        event = self._log.last
        if event is None or not self._is_of(event, call, text):
            event = self._log.event(call.file, call.line, text)
            self._log.add(event)
        if group is not None:
            event.touches.append(Touch(group, ANY, True))

    def _is_of(self, event: Event, call: Call, text: str) -> bool:
        """Whether a call belongs to what an event tells already."""
        return (event.task, event.file, event.line, event.before) == (self.current.number, call.file, call.line, text)

    # --- the end ----------------------------------------------------------------------------------

    def _make_story(self, tasks: list[str], waits: list[dict[str, Any]], error: list[Any] | None) -> dict[str, Any]:
        matter = telling.that_matter(self._log.events, self._log.names)
        self.visible = {event.site for event in matter if event.site is not None}
        stuck = [self._waiting.get(task.number) for task, _, _ in self.stuck]
        self.visible |= {(id(call.code), call.at) for call in stuck if call is not None and call.code is not None}
        return telling.story(tasks, self._log.events, self._log.names, waits, error)

    def _waits(self, task: Task, kind: str) -> Iterator[dict[str, Any]]:
        """What a task waits for that cannot go on."""
        call = self._waiting.get(task.number)
        holds = [self._log.names.quoted(number_of(lock), kind_of(lock), task.number) for lock in task.holds]
        if call is None or self.ending == "livelock":
            last = self._log.last_of(task.number)
            if last is not None and self.ending == "livelock":
                told = "nothing: it goes on and on"
                yield {"task": task.number, "file": last.file, "line": last.line, "for": told, "holds": holds}
            return
        if not call.file:
            return
        number = number_of(call.thing)
        if number is None and not call.through:
            told = f"`{call.method}` to return"
        elif call.through:
            told = f"{call.through} to come" if call.through == EXIT else f"`{call.through}` to return"
        elif kind_of(call.thing) == "thread":
            told = f"the end of {shown(call.thing)}"
        else:
            before, after = lacks(kind, call.thing)
            self._log.names.give(number, kind_of(call.thing), task.number, call.name)
            name = self._log.names.quoted(number, kind_of(call.thing), task.number)
            told = before.removesuffix("lock " if not name.startswith("`") else "\n") + name + after
        group = call.group
        if group is not None:
            self._log.names.needed.add(group)
        yield {"task": task.number, "file": call.file, "line": call.line, "for": told, "holds": holds}


def _read(file: str) -> str:
    try:
        return Path(file).read_text("utf-8", "replace")
    except (OSError, ValueError):
        return ""
