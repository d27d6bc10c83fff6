"""Yield points in the student's code: finds them, and calls back at each.

A point lies before each load or store of an attribute, a global, a variable of a closure, or an item, unless it cannot
matter (`relevance`): between any two of them another thread may come. On Python 3.12 and later `sys.monitoring`
calls back at these instructions only; on 3.11 calls are put into the program's code (`instrumented`).
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from grader.student.world.instrumented import instrumented
from grader.student.world.relevance import CHANGES, Access, Bindings, chains, decoded, instructions, matters, owners

_monitoring: Any = getattr(sys, "monitoring", None)

_CALLS = ("CALL", "CALL_KW", "CALL_FUNCTION_EX")

_KINDS = {
    "LOAD_ATTR": ("reads", "attribute"),
    "LOAD_METHOD": ("reads", "attribute"),
    "LOAD_SUPER_ATTR": ("reads", "attribute"),
    "STORE_ATTR": ("writes", "attribute"),
    "DELETE_ATTR": ("deletes", "attribute"),
    "LOAD_GLOBAL": ("reads", "global"),
    "STORE_GLOBAL": ("writes", "global"),
    "DELETE_GLOBAL": ("deletes", "global"),
    "LOAD_DEREF": ("reads", "closure"),
    "LOAD_CLASSDEREF": ("reads", "closure"),
    "LOAD_FROM_DICT_OR_DEREF": ("reads", "closure"),
    "STORE_DEREF": ("writes", "closure"),
    "DELETE_DEREF": ("deletes", "closure"),
    "BINARY_SUBSCR": ("reads", "item"),
    "BINARY_SLICE": ("reads", "item"),
    "STORE_SUBSCR": ("writes", "item"),
    "STORE_SLICE": ("writes", "item"),
    "DELETE_SUBSCR": ("deletes", "item"),
}
_NAMES = {
    "LOAD_NAME": ("reads", "global"),
    "STORE_NAME": ("writes", "global"),
    "DELETE_NAME": ("deletes", "global"),
}
"""What a module's own lines do while it is imported, by one thread; what is handed to `exec` may run in any."""


def accesses(code: types.CodeType, by_name: bool = False) -> dict[int, Access]:
    """The accesses of one code object, by the offset of their instruction.

    Args:
        code: to look at.
        by_name: whether names that it looks up at its top level, as a module does, are globals that threads share.
    """
    kinds = _KINDS | _NAMES if by_name else _KINDS
    found = {}
    for instruction, chain in chains(code):
        if instruction.opname == "BINARY_OP" and instruction.argrepr == "[]":  # 3.14 reads items with it
            found[instruction.offset] = Access("reads", "item", "", chain)
        elif instruction.opname in kinds:
            name = "" if instruction.argval is None else str(instruction.argval)
            found[instruction.offset] = Access(*kinds[instruction.opname], name, chain)
    found.update((offset, Access("calls", "call", "")) for offset in _handed_over(code))
    return found


def _handed_over(code: types.CodeType) -> Iterator[int]:
    """The offsets of calls to which a method is handed that changes what it is of: they may call it."""
    if CHANGES.isdisjoint(code.co_names):
        return
    places = [(one, one.positions) for one in instructions(code) if one.opname in (*_CALLS, "LOAD_ATTR", "LOAD_METHOD")]
    spans = [(one, *_span(place)) for one, place in places if place is not None and place.col_offset is not None]
    called = {begin for one, begin, _ in spans if one.opname in _CALLS}
    methods = [
        (begin, end)
        for one, begin, end in spans
        if one.opname not in _CALLS and one.argval in CHANGES and begin not in called
    ]
    for one, begin, end in spans if methods else ():
        if one.opname in _CALLS and any(begin < inner and last <= end for inner, last in methods):
            yield one.offset


def _span(place: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where something begins and ends in the source."""
    return (place.lineno, place.col_offset), (place.end_lineno, place.end_col_offset)


def calls(code: types.CodeType) -> Iterator[tuple[int, int]]:
    """The offsets of what finds a function and of its call, where there are accesses or calls in between."""
    open_at: dict[tuple[int | None, int | None], tuple[int, bool]] = {}
    for instruction in instructions(code):
        place = instruction.positions
        begin = (None, None) if place is None else (place.lineno, place.col_offset)
        operation = instruction.opname
        if operation in _CALLS and begin in open_at:
            load, between = open_at.pop(begin)
            if between:
                yield load, instruction.offset
        if operation in _KINDS or operation in _CALLS or operation == "BINARY_OP":
            open_at = {other: (load, True) for other, (load, _) in open_at.items()}
        if operation in ("LOAD_ATTR", "LOAD_METHOD", "LOAD_GLOBAL") and begin != (None, None):
            open_at[begin] = (instruction.offset, False)


def turns(code: types.CodeType) -> Iterator[int]:
    """The offsets of the jumps back: one is made at each turn of a loop."""
    return (instruction.offset for instruction in instructions(code) if "JUMP_BACKWARD" in instruction.opname)


def code_objects(code: types.CodeType) -> Iterator[types.CodeType]:
    """`code` and all code objects within it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from code_objects(constant)


class Points:
    """Calls `hit(code, offset)` before each point of the codes that are watched."""

    def __init__(self, hit: Callable[[types.CodeType, int], object], turn: Callable[[], object]) -> None:
        """Args: hit: called on the thread that is about to execute the instruction. turn: at each turn of a loop."""
        self.owners: dict[int, list[int]] = {}
        """By id of a code of the program: what `relevance.owners` says of it."""
        self.hit = hit
        self.turn = turn
        self._calls: dict[tuple[int, int], int] = {}
        """By id of a code and offset of what finds a function: where it is called, if its arguments are accesses."""
        self._moved: dict[tuple[int, int], int] = {}
        self._turns: set[tuple[int, int]] = set()
        """The jumps back, by id of their code and offset."""
        self._offsets: dict[int, dict[int, Access]] = {}  # by id(): to hash a code object is slow
        self._codes: dict[int, types.CodeType] = {}
        self._by_name: set[int] = set()
        """The codes whose names are globals that threads share, by id."""
        self._bindings = Bindings()
        self._sure: set[tuple[int, int]] = set()
        """The accesses that have been found to matter, by id of their code and offset."""
        self._tool: int | None = None
        if sys.version_info >= (3, 12):
            self._tool = self._take_tool()

    def watch(self, code: types.CodeType, by_name: bool = False) -> types.CodeType:
        """Makes points of all accesses in `code` and in what it defines.

        Args:
            code: of the program.
            by_name: as `accesses` has it.

        Returns:
            the code to execute in its place.
        """
        if self._tool is None:
            code = self._with_calls(code, by_name)
        if by_name:
            self._by_name.update(id(inner) for inner in code_objects(code))
        self._bindings.add(code_objects(code))
        for inner in code_objects(code):
            self._codes[id(inner)] = inner
            if id(inner) not in self.owners:
                self.owners[id(inner)] = owners(inner)
            self._calls.update(((id(inner), load), call) for load, call in calls(inner))
            self._turns.update((id(inner), offset) for offset in turns(inner))
            if self._tool is not None:
                _monitoring.set_local_events(self._tool, inner, _monitoring.events.INSTRUCTION)
        # What did not matter to the modules known so far may matter now.
        self._offsets.update((key, accesses(known, key in self._by_name)) for key, known in self._codes.items())
        self._sure.clear()
        if self._tool is not None:
            _monitoring.restart_events()
        return code

    def watches(self, code: types.CodeType) -> bool:
        """Whether `code` is the program's."""
        return id(code) in self._codes

    def access(self, code: types.CodeType, offset: int) -> Access | None:
        """What the instruction at `offset` does."""
        return self._offsets.get(id(code), {}).get(offset)

    def found_at(self, code: types.CodeType, offset: int) -> int:
        """Where the function is found that the instruction at `offset` calls; else `offset` itself."""
        return self._moved.get((id(code), offset), offset)

    def close(self) -> None:
        """Watches nothing any more."""
        if self._tool is not None:
            for code in self._codes.values():
                _monitoring.set_local_events(self._tool, code, 0)
            _monitoring.register_callback(self._tool, _monitoring.events.INSTRUCTION, None)
            _monitoring.free_tool_id(self._tool)
            self._tool = None
        self._sure.clear()  # first: code that was watched may go on, as in finalisers
        self._offsets.clear()
        self._turns.clear()
        self._calls.clear()
        self._moved.clear()
        self._codes.clear()
        self._by_name.clear()
        self.owners.clear()
        decoded.clear()

    def _is_point(self, code: types.CodeType, offset: int, frame: types.FrameType) -> bool:
        """Decides about an access when it is met first; it is asked again only where the answer was yes."""
        points = self._offsets[id(code)]
        if offset not in points:
            return False
        relevance = matters(points[offset], frame, self._bindings)
        call = self._calls.get((id(code), offset)) if relevance == "in the call" else None
        if call is not None:
            # What is handed over is read in between: the point belongs behind that.
            points[call] = points.pop(offset)
            self._moved[id(code), call] = offset
            self._sure.add((id(code), call))
            return False
        if relevance:
            self._sure.add((id(code), offset))
            return True
        del points[offset]
        return False

    # --- 3.12 and later --------------------------------------------------------------------------

    def _take_tool(self) -> int:
        monitoring = _monitoring
        for tool in (4, 3, 5, 1, 0):
            if monitoring.get_tool(tool) is None:
                monitoring.use_tool_id(tool, "threadlab world")
                break
        else:
            raise RuntimeError("all tools of sys.monitoring are in use")
        sure, turns, disable = self._sure, self._turns, monitoring.DISABLE
        hit, turn = self.hit, self.turn

        def instruction(code: types.CodeType, offset: int) -> object:
            key = (id(code), offset)
            if key in sure:
                hit(code, offset)
            elif key in turns:
                turn()
            elif self._is_point(code, offset, sys._getframe(1)):
                hit(code, offset)
            else:
                return disable
            return None

        monitoring.register_callback(tool, monitoring.events.INSTRUCTION, instruction)
        return tool

    # --- 3.11 --------------------------------------------------------------------------------------

    def _with_calls(self, code: types.CodeType, by_name: bool) -> types.CodeType:
        """A copy of `code` that calls us before what is or may turn out to be a point or a turn."""
        inner = [self._with_calls(one, by_name) for one in code.co_consts if isinstance(one, types.CodeType)]
        wanted = {*accesses(code, by_name), *turns(code), *(call for _, call in calls(code))}
        codes, sure, turn_at, hit, turn = self._codes, self._sure, self._turns, self.hit, self.turn
        number = 0  # of the copy, once it is made

        def met(offset: int) -> None:
            key = (number, offset)
            if key in sure:
                hit(codes[number], offset)
            elif key in turn_at:
                turn()
            elif number in codes and self._is_point(codes[number], offset, sys._getframe(1)):
                hit(codes[number], offset)

        copy, told, theirs = instrumented(code, wanted, met, inner)
        number = id(copy)
        decoded[number], self.owners[number] = (copy, told), theirs
        return copy
