"""Records the replay of one schedule: which task did what at which line, in the student's own terms.

The recorder looks and never touches: no code of the student's is run, no object of theirs is kept alive, and whatever
goes wrong in here is lost from the story, not from the run.
"""

from __future__ import annotations

import contextlib
import sys
import types
import weakref
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from grader.student.world import telling
from grader.student.world.calls import Step, lacks, owner_of, said
from grader.student.world.looks import (
    UNKNOWN,
    Place,
    Source,
    attribute,
    evaluate,
    item,
    kind_of,
    number_of,
    sets_by_code,
    shown,
    type_name,
    vars_of,
    written,
)
from grader.student.world.modules import OVER_MODELLED
from grader.student.world.points import Points
from grader.student.world.scheduler import Run, Task
from grader.student.world.sites import Site
from grader.student.world.telling import ANY, Clocks, Event, Names, Touch

_WORLD = "grader.student.world."
_ALIASES = {"acquire_lock": "acquire", "release_lock": "release", "isSet": "is_set", "notifyAll": "notify_all"}
_CONTAINERS = (list, dict, set, deque, bytearray)
_CHANGES = frozenset({
    "append", "appendleft", "extend", "extendleft", "insert", "pop", "popleft", "popitem", "remove", "discard", "add",
    "clear", "update", "setdefault", "sort", "reverse", "rotate", "difference_update", "intersection_update",
    "symmetric_difference_update", "__setitem__", "__delitem__",
})  # fmt: skip
_RELEASES = ("gives back ", "gives a permit back to ")
_EXIT = "the end of the with block"
_FAR_BACK = 60
"""Instructions between the end of a context expression and the `with` that enters it."""
_TRACEBACK = vars(BaseException)["__traceback__"].__get__
_ARGS = vars(BaseException)["args"].__get__


def recorder(points: Points, read: Callable[[str], str] | None = None) -> type[Recorded]:
    """The kind of run to give to `World.run`; afterwards its `story` is there.

    Args:
        points: of the world.
        read: gives the text of a file of the program; None: it lies where its name says.
    """
    names = {"points": points, "read": staticmethod(read or _read), "__doc__": Recorded.__doc__}
    return type("Recorded", (Recorded,), names)


def site_of(frame: types.FrameType | None, watched: Any) -> Site:
    """The instruction of the program that is under way: a code object and an offset in it.

    Args:
        frame: the innermost one to look at.
        watched: the ids of the program's own code objects.
    """
    while frame is not None and id(frame.f_code) not in watched:
        frame = frame.f_back
    return (0, 0) if frame is None else (id(frame.f_code), frame.f_lasti)


class _Call(NamedTuple):
    """A call on a modelled object, by a line of the student's or by the library on its behalf."""

    thing: Any
    method: str
    file: str
    line: int
    name: str
    """What the student calls the object."""
    through: str
    """What the student calls, if it is the library that uses the object."""
    item: str | None
    code: types.CodeType | None = None
    """Of the line."""
    at: int = 0
    """The offset in it."""


class _Written(NamedTuple):
    """A write whose value is not there yet."""

    event: Event
    owner: Callable[[], Any]
    find: Callable[[Any], Any]


@dataclass
class _Code:
    """What is known of a code object."""

    source: Source
    places: list[Place]


class Recorded(Run):
    """A run that is recorded; see `recorder`."""

    points: Points
    read: Callable[[str], str]

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.observer = self._observe
        self.story: dict[str, Any] = {}
        """What `telling.story` makes of it, once the run is over."""
        self.visible: set[Site] = set()
        """Where in the program the events of the story come about."""
        self._events: list[Event] = []
        self._names = Names()
        self._clocks = Clocks()
        self._waiting: dict[int, _Call] = {}
        self._written: list[_Written] = []
        self._open: dict[Hashable, Event] = {}
        self._known: dict[int, tuple[int, Any]] = {}
        self._sources: dict[str, Source] = {}
        self._codes: dict[types.CodeType, _Code] = {}
        self._errors_seen = 0

    # --- what the run does ---------------------------------------------------------------------

    def point(self) -> None:
        """As in any run; then notes the call."""
        self._settle()
        super().point()
        with contextlib.suppress(Exception):
            call = self._find(sys._getframe(1))
            if call is not None:
                self._note(call, None, True)

    def wait(self, ready: Callable[[], Any], kind: str, of: Any, timeout: float | None = None) -> bool:
        """As in any run; then notes the call."""
        self._settle()
        if self._aborting:
            return super().wait(ready, kind, of, timeout)
        me = self.current.number
        call = None
        with contextlib.suppress(Exception):
            call = self._find(sys._getframe(1))
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
        self._clocks.started(None if self.current is None else self.current.number, task.number)
        return task

    def execute(self, function: Callable[[], Any]) -> None:
        """As in any run; then makes the story."""
        super().execute(function)
        self._settle()
        with contextlib.suppress(Exception):
            self._note_errors()
            waits = [wait for task, kind, _ in self.stuck for wait in self._waits(task, kind)]
            error = [[task.number, _message(error)] for task, error in self.errors[:1]]
            self.story = self._make_story([task.name for task in self.tasks], waits, error[0] if error else None)
        self._waiting.clear()
        self._events.clear()

    def _make_story(self, tasks: list[str], waits: list[dict[str, Any]], error: list[Any] | None) -> dict[str, Any]:
        matter = telling.that_matter(self._events, self._names)
        self.visible = {event.site for event in matter if event.site is not None}
        stuck = [self._waiting.get(task.number) for task, _, _ in self.stuck]
        self.visible |= {(id(call.code), call.at) for call in stuck if call is not None and call.code is not None}
        return telling.story(tasks, self._events, self._names, waits, error)

    # --- calls on modelled objects ---------------------------------------------------------------

    def _find(self, frame: types.FrameType | None) -> _Call | None:
        """The call that has come to a point, seen from the innermost line of the student's."""
        outer = None
        while frame is not None and _module(frame).startswith(_WORLD):
            if frame.f_code.co_name == "_hit":
                return None
            outer, frame = frame, frame.f_back
        if outer is None:
            return None
        below = frame
        entry = outer
        while frame is not None and not self.points.watches(frame.f_code):
            entry, frame = frame, frame.f_back
        local = outer.f_locals
        thing, method = local.get("self"), outer.f_code.co_name
        put = shown(local["item"]) if method in ("put", "put_nowait") and "item" in local else None
        if frame is None or below is None:
            return _Call(thing, method, "", 0, "", "", None)
        name = through = ""
        if _is_probe(outer) or (below is not frame and _module(below) in OVER_MODELLED):
            leaves = entry.f_code.co_name == "__exit__"
            through = _EXIT if leaves else written(self._called(frame)) or entry.f_code.co_name
        elif below is frame:
            name = self._name(frame, method)
        code, at = frame.f_code, frame.f_lasti
        return _Call(thing, method, code.co_filename, frame.f_lineno, name, through, put, code, at)

    def _called(self, frame: types.FrameType) -> Any:
        code = self._code(frame.f_code)
        return code.source.called(code.places[frame.f_lasti // 2])

    def _name(self, frame: types.FrameType, method: str) -> str:
        """What the expression is called on which the student's line calls a method."""
        called = self._called(frame)
        if type(called).__name__ == "Attribute" and _ALIASES.get(called.attr, called.attr) == method:
            return _simple(called.value)
        if method not in ("__enter__", "acquire"):
            return ""
        code, at = self._code(frame.f_code), frame.f_lasti // 2
        for place in reversed(code.places[max(0, at - _FAR_BACK) : at + 1]):
            context = code.source.context(place)
            if context is not None:
                return _simple(context)
        return ""

    def _note(self, call: _Call, kind: str | None, came: bool) -> None:
        me = self.current
        group = self._group(call)
        if not call.file:
            if group is not None:
                self._names.used(group, me.number)
            return
        if call.through:
            self._add_through(call, group, kind is not None)
            return
        step = Step(call.thing, call.method, me, kind, came, call.item)
        words = said(step) if number_of(call.thing) is not None or _is_of_world(call.thing) else None
        if words is None:
            return
        is_thread = kind_of(call.thing) == "thread"
        self._add_call(call, words, always=is_thread and call.method in ("start", "join"))
        if is_thread and call.method == "join" and came:
            other = vars_of(call.thing).get("_world_task")
            if type(other) is Task:
                self._clocks.joined(me.number, other.number)

    def _note_holder(self, call: _Call, kind: str, of: Any) -> None:
        """A task is about to wait for a lock that somebody holds."""
        owner = owner_of(of) if kind == "acquire" else None
        me = self.current
        if owner is None or not call.file or call.through or (owner is me and type(of).__name__ == "RLock"):
            return
        again = call.method in ("wait", "wait_for")
        held = f"{' again' if again else ''}, held by {'itself' if owner is me else owner.name}"
        self._add_call(call, ("waits for ", held), always=False)

    def _add_call(self, call: _Call, words: tuple[str, str], always: bool) -> None:
        group = self._group(call)
        number = number_of(call.thing)
        me = self.current.number
        if kind_of(call.thing) == "thread":
            event = self._event(call.file, call.line, words[0] + shown(call.thing) + words[1])
        elif number is None:
            event = self._event(call.file, call.line, words[0] + (call.name or type_name(call.thing)) + words[1])
        else:
            self._names.give(number, kind_of(call.thing), me, call.name)
            event = self._event(call.file, call.line, words[0])
            event.number, event.name, event.after = number, call.name, words[1]
        event.always, event.code = always, call.code
        if group is not None:
            event.touches.append(Touch(group, ANY, True))
        self._add(event)

    def _add_through(self, call: _Call, group: Hashable | None, waited: bool) -> None:
        text = f"in {call.through}"
        if call.method == "probe":
            text = f"{'is back from' if waited else 'calls'} {call.through}"
        if self._is_last(call, text):
            event = self._events[-1]
        else:
            event = self._event(call.file, call.line, text)
            self._add(event)
        if group is not None:
            event.touches.append(Touch(group, ANY, True))

    def _is_last(self, call: _Call, text: str) -> bool:
        if not self._events:
            return False
        last = self._events[-1]
        return (last.task, last.file, last.line, last.before) == (self.current.number, call.file, call.line, text)

    def _group(self, call: _Call) -> Hashable | None:
        """What a call is on: shared if more than one task uses it."""
        if call.method == "probe":
            return ("used", call.through) if call.through else None
        number = number_of(call.thing)
        if number is not None:
            return ("used", number)
        return ("used", type_name(call.thing), id(call.thing)) if _is_of_world(call.thing) else None

    # --- accesses --------------------------------------------------------------------------------

    def _observe(self, run: Run, code: types.CodeType, offset: int) -> None:
        with contextlib.suppress(Exception):
            frame: types.FrameType | None = sys._getframe(1)
            while frame is not None and frame.f_code is not code:
                frame = frame.f_back
            if frame is not None:
                local = frame.f_locals
                self._access(frame, local, offset)
                if sys.version_info[:2] == (3, 12) and code.co_flags & 1:
                    local.clear()  # this snapshot would keep objects alive

    def _access(self, frame: types.FrameType, local: Any, offset: int) -> None:
        code = frame.f_code
        access = self.points.access(code, offset)
        if access is None:
            return
        known = self._code(code)
        place = known.places[self.points.found_at(code, offset) // 2]
        event = self._event(code.co_filename, place[0] or frame.f_lineno, access.kind)
        names = (local, frame.f_globals)
        if access.what == "attribute":
            told = self._attribute(event, access.kind, access.name, known.source.attribute(place, access.name), names)
        elif access.what == "item":
            told = self._item(event, access.kind, known.source.subscript(place), names)
        elif access.what == "global":
            told = self._global(event, access.kind, access.name, frame.f_globals)
        else:
            told = self._closure(event, access.kind, access.name, frame, local)
        if told:
            self._add(event)

    def _attribute(self, event: Event, kind: str, name: str, node: Any, names: tuple[Any, Any]) -> bool:
        base = evaluate(node.value, *names) if node is not None else UNKNOWN
        event.node = node
        text = written(node) or f".{name}"
        event.before = f"{kind} {text}"
        writes = kind != "reads"
        if base is UNKNOWN:
            event.touches.append(Touch(("unknown", name), ANY, writes))
            return True
        if _is_container(base):
            event.before = f"calls {text} on {shown(base)}"
            event.touches.append(Touch(("in", self._ident(base)), ANY, name in _CHANGES))
            self._supersede(event, node.value)
            return True
        event.touches.append(Touch(self._variable(base, name), ANY, writes))
        if writes:
            if sets_by_code(base, name):
                return False
            self._later(event, kind, base, lambda owner: attribute(owner, name).value)
            return True
        found = attribute(base, name)
        if found.how in ("method", "code"):
            return False
        if found.owner is not base:
            event.touches.append(Touch(self._variable(found.owner, name), ANY, False))
        self._read(event, found.value)
        return True

    def _variable(self, owner: Any, name: str) -> Hashable:
        if issubclass(type(owner), types.ModuleType):
            return "global", id(vars_of(owner)), name
        return "attribute", self._ident(owner), name

    def _item(self, event: Event, kind: str, node: Any, names: tuple[Any, Any]) -> bool:
        if node is None:
            return False
        event.node, event.before = node, f"{kind} {written(node)}"
        base, key = evaluate(node.value, *names), evaluate(node.slice, *names)
        if not _is_container(base):
            event.touches.append(Touch(("unknown", written(node.value)), ANY, kind != "reads"))
            return base is UNKNOWN
        self._supersede(event, node.value)
        found = item(base, key)
        part = ANY if found.how == "code" or type(key) is tuple else key
        if type(part) is int and part < 0 and type(base) is not dict:
            part += len(base)
        if kind == "deletes" or (kind == "writes" and found.how == "missing"):
            part = ANY  # whoever iterates sees that
        event.touches.append(Touch(("in", self._ident(base)), part, kind != "reads"))
        if kind == "reads":
            self._read(event, found.value if found.how != "missing" else UNKNOWN)
            if found.how == "missing":
                event.after = ": not there"
        else:
            self._later(event, kind, base, lambda owner: item(owner, key).value)
        return True

    def _global(self, event: Event, kind: str, name: str, world: dict[str, Any]) -> bool:
        if kind == "reads" and name not in world:
            return False
        event.before = f"{kind} {name}"
        event.touches.append(Touch(("global", id(world), name), ANY, kind != "reads"))
        if kind == "reads":
            event.node = name
            self._read(event, world[name])
        elif kind == "writes":
            self._written.append(_Written(event, lambda: world, lambda owner: owner.get(name, UNKNOWN)))
        return True

    def _closure(self, event: Event, kind: str, name: str, frame: types.FrameType, local: Any) -> bool:
        if name.startswith("__"):
            return False
        group = ("closure", name, *self._cell(frame, name))
        value = local.get(name, UNKNOWN)
        before = self._open.pop(group, None)
        if before is not None and value is not UNKNOWN:
            before.after = f": {shown(value)}"
        event.before = f"{kind} {name}"
        event.touches.append(Touch(group, ANY, kind != "reads"))
        if kind == "reads":
            event.node = name
            self._read(event, value)
        elif kind == "writes":
            # Only this frame can tell, and only at its own points: the next access to the variable will.
            self._open[group] = event
        return True

    def _cell(self, frame: types.FrameType, name: str) -> Iterator[Hashable]:
        """Which variable of a closure it is: that of a function's call under way, on this thread or another."""
        qualified = frame.f_code.co_qualname
        yield frame.f_code.co_filename
        yield qualified.partition(".<locals>")[0]
        threads = [frame, *sys._current_frames().values()] if name in frame.f_code.co_freevars else [frame]
        for thread in threads:
            at: types.FrameType | None = thread
            while at is not None:
                if name in at.f_code.co_cellvars and qualified.startswith(at.f_code.co_qualname):
                    yield id(at)
                    return
                at = at.f_back

    def _read(self, event: Event, value: Any) -> None:
        event.after = ": not there yet" if value is UNKNOWN else f": {shown(value)}"
        if _is_container(value):
            event.contents.append(Touch(("in", self._ident(value)), ANY, False))

    def _later(self, event: Event, kind: str, base: Any, find: Callable[[Any], Any]) -> None:
        """The value of a write is there only when it has been done."""
        if kind == "writes":
            self._written.append(_Written(event, _weak(base) or (lambda: base), find))

    def _settle(self) -> None:
        """Looks at what has been written since the last point."""
        while self._written:
            event, owner, find = self._written.pop()
            with contextlib.suppress(Exception):
                value = find(owner())
                if value is not UNKNOWN:
                    event.after = f": {shown(value)}"

    def _supersede(self, event: Event, node: Any) -> None:
        """To read a container is not worth a word of its own if the next event tells what is done with it."""
        last = self._events[-1] if self._events else None
        if last is None or last.node is None or last.task != self.current.number:
            return
        if last.node is node or last.node == getattr(node, "id", None):
            last.contents.clear()
            last.superseded = True
            event.touches += last.touches

    def _ident(self, thing: Any) -> Hashable:
        """The same for the same object, another for another one at the same address."""
        number = number_of(thing)
        if number is not None:
            return "modelled", number
        address, weak = id(thing), _weak(thing)
        generation, before = self._known.get(address, (0, weak))
        if before is not None and before() is not thing:
            generation += 1
        self._known[address] = generation, weak
        return address, generation

    # --- events ----------------------------------------------------------------------------------

    def _event(self, file: str, line: int, before: str) -> Event:
        me = self.current.number
        return Event(me, file, line, before, clock=self._clocks.of(me))

    def _add(self, event: Event) -> None:
        self._note_errors()
        event.site = site_of(sys._getframe(1), self.watched)
        self._events.append(event)

    def _note_errors(self) -> None:
        """Puts the exceptions that have come up since the last event where they were raised."""
        for task, error in self.errors[self._errors_seen :]:
            self._errors_seen += 1
            trace, left = _TRACEBACK(error), []
            while trace is not None:
                if self.points.watches(trace.tb_frame.f_code):
                    left.append((trace.tb_frame.f_code, trace.tb_lineno))
                trace = trace.tb_next
            if left:
                code, line = left[-1]
                clock = self._clocks.of(task.number)
                text = f"raises {_message(error)}"
                event = Event(task.number, code.co_filename, line, text, always=True, clock=clock)
                self._events.insert(self._raised_at(event, left), event)

    def _raised_at(self, event: Event, left: list[tuple[types.CodeType, int]]) -> int:
        """Before what the task has released on its way out."""
        end = len(self._events)
        for at in range(end - 1, -1, -1):
            other = self._events[at]
            if other.task != event.task:
                continue
            if not (other.before.startswith(_RELEASES) and any(self._on_way_out(other, *call) for call in left)):
                return at + 1
            end = at
        return end

    def _on_way_out(self, event: Event, code: types.CodeType, line: int) -> bool:
        """Whether a release comes after what a call did at a line, in a `finally` or at the end of a `with`."""
        within = self._sources[event.file].is_within(line, event.line)
        return event.code is code and (event.line > line or within)

    def _waits(self, task: Task, kind: str) -> Iterator[dict[str, Any]]:
        """What a task waits for that cannot go on."""
        call = self._waiting.get(task.number)
        holds = [self._names.quoted(number_of(lock), kind_of(lock), task.number) for lock in task.holds]
        if call is None or self.ending == "livelock":
            last = next((event for event in reversed(self._events) if event.task == task.number), None)
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
            told = f"{call.through} to come" if call.through == _EXIT else f"`{call.through}` to return"
        elif kind_of(call.thing) == "thread":
            told = f"the end of {shown(call.thing)}"
        else:
            before, after = lacks(kind, call.thing)
            self._names.give(number, kind_of(call.thing), task.number, call.name)
            name = self._names.quoted(number, kind_of(call.thing), task.number)
            told = before.removesuffix("lock " if not name.startswith("`") else "\n") + name + after
        group = self._group(call)
        if group is not None:
            self._names.needed.add(group)
        yield {"task": task.number, "file": call.file, "line": call.line, "for": told, "holds": holds}

    def _code(self, code: types.CodeType) -> _Code:
        known = self._codes.get(code)
        if known is None:
            file = code.co_filename
            if file not in self._sources:
                self._sources[file] = Source(self.read(file))
            known = self._codes[code] = _Code(self._sources[file], list(code.co_positions()))
        return known


def _simple(node: Any) -> str:
    return written(node) if type(node).__name__ in ("Name", "Attribute", "Subscript") else ""


def _is_container(value: Any) -> bool:
    return type(value) in _CONTAINERS


def _is_of_world(thing: Any) -> bool:
    module = vars(type(thing)).get("__module__")
    return type(module) is str and module.startswith(_WORLD)


def _is_probe(frame: types.FrameType) -> bool:
    return frame.f_code.co_name == "probe" and _module(frame) == f"{_WORLD}scenario"


def _module(frame: types.FrameType) -> str:
    name = frame.f_globals.get("__name__")
    return name if type(name) is str else ""


def _weak(thing: Any) -> Callable[[], Any] | None:
    try:
        return weakref.ref(thing)
    except TypeError:
        return None


def _message(error: BaseException) -> str:
    args = _ARGS(error)
    text = ", ".join(arg if type(arg) is str and len(args) == 1 else shown(arg) for arg in args)
    text = text.partition("\n")[0]  # pytest explains a failed assert on further lines
    return f"{type_name(error)}: {text[:200]}" if text else type_name(error)


def _read(file: str) -> str:
    try:
        return Path(file).read_text("utf-8", "replace")
    except (OSError, ValueError):
        return ""
