"""Events for what a program reads and writes: attributes, items, globals and variables of closures, with their values.

Nothing of the student's is run to tell a value, and no object of theirs is kept alive for it.
"""

from __future__ import annotations

import contextlib
import sys
import types
import weakref
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from typing import Any, NamedTuple

from grader.student.world.event_log import EventLog
from grader.student.world.expressions import Expressions, written
from grader.student.world.looks import UNKNOWN, attribute, evaluate, item, number_of, sets_by_code, shown, vars_of
from grader.student.world.points import Points
from grader.student.world.relevance import CHANGES
from grader.student.world.telling import ANY, Event, Touch

_CONTAINERS = (list, dict, set, deque, bytearray)


class _Written(NamedTuple):
    """A write whose value is not there yet."""

    event: Event
    owner: Callable[[], Any]
    find: Callable[[Any], Any]


class Accesses:
    """Turns the accesses of a program into events."""

    def __init__(self, log: EventLog, points: Points, expressions: Expressions) -> None:
        """Args: log: for the events. points: of the world. expressions: of the program."""
        self._log = log
        self._points = points
        self._expressions = expressions
        self._written: list[_Written] = []
        self._open: dict[Hashable, Event] = {}
        self._known: dict[int, tuple[int, Any]] = {}

    def note(self, frame: types.FrameType, local: Any, offset: int) -> None:
        """Notes what an instruction is about to do.

        Args:
            frame: that has come to it.
            local: the frame's local names.
            offset: of the instruction.
        """
        code = frame.f_code
        access = self._points.access(code, offset)
        if access is None:
            return
        known = self._expressions.of(code)
        place = known.places[self._points.found_at(code, offset) // 2]
        event = self._log.event(code.co_filename, place[0] or frame.f_lineno, access.kind)
        names = (local, frame.f_globals)
        if access.what == "attribute":
            told = self._attribute(event, access.kind, access.name, known.source.attribute(place, access.name), names)
        elif access.what == "item":
            told = self._item(event, access.kind, known.source.subscript(place), names)
        elif access.what == "call":
            told = False
        elif access.what == "global":
            told = self._global(event, access.kind, access.name, frame.f_globals)
        else:
            told = self._closure(event, access.kind, access.name, frame, local)
        if told:
            self._log.add(event)

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
            event.touches.append(Touch(("in", self._ident(base)), ANY, name in CHANGES))
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

    def settle(self) -> None:
        """Looks at what has been written since the last point."""
        while self._written:
            event, owner, find = self._written.pop()
            with contextlib.suppress(Exception):
                value = find(owner())
                if value is not UNKNOWN:
                    event.after = f": {shown(value)}"

    def _supersede(self, event: Event, node: Any) -> None:
        """To read a container is not worth a word of its own if the next event tells what is done with it."""
        last = self._log.last
        if last is None or last.node is None or last.task != event.task:
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


def _is_container(value: Any) -> bool:
    return type(value) in _CONTAINERS


def _weak(thing: Any) -> Callable[[], Any] | None:
    try:
        return weakref.ref(thing)
    except TypeError:
        return None
