"""Yield points in the student's code: finds them, and calls back at each.

A point lies before each load or store of an attribute, a global, a variable of a closure, or an item, unless it cannot
matter (`relevance`): between any two of them another thread may come. On Python 3.12 and later `sys.monitoring`
calls back at these instructions only; on 3.11 a trace function sees every instruction.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from grader.student.world.relevance import Access, Bindings, chains, decoded, instructions, matters

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


def accesses(code: types.CodeType) -> dict[int, Access]:
    """The accesses of one code object, by the offset of their instruction."""
    found = {}
    for instruction, chain in chains(code):
        if instruction.opname == "BINARY_OP" and instruction.argrepr == "[]":  # 3.14 reads items with it
            found[instruction.offset] = Access("reads", "item", "", chain)
        elif instruction.opname in _KINDS:
            name = "" if instruction.argval is None else str(instruction.argval)
            found[instruction.offset] = Access(*_KINDS[instruction.opname], name, chain)
    return found


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
        self.looking = False
        """Whether anybody else reads variables of the program's frames."""
        self.hit = hit
        self.turn = turn
        self._calls: dict[tuple[int, int], int] = {}
        """By id of a code and offset of what finds a function: where it is called, if its arguments are accesses."""
        self._moved: dict[tuple[int, int], int] = {}
        self._traced: dict[int, set[int]] = {}
        """On 3.11, by id of a code: the offsets that are or may turn out to be points or turns."""
        self._turns: set[tuple[int, int]] = set()
        """The jumps back, by id of their code and offset."""
        self._offsets: dict[int, dict[int, Access]] = {}  # by id(): to hash a code object is slow
        self._codes: dict[int, types.CodeType] = {}
        self._bindings = Bindings()
        self._sure: set[tuple[int, int]] = set()
        """The accesses that have been found to matter, by id of their code and offset."""
        self._tool: int | None = None
        if sys.version_info >= (3, 12):
            self._tool = self._take_tool()

    def watch(self, code: types.CodeType) -> None:
        """Makes points of all accesses in `code` and in what it defines."""
        self._bindings.add(code_objects(code))
        for inner in code_objects(code):
            self._codes[id(inner)] = inner
            self._calls.update(((id(inner), load), call) for load, call in calls(inner))
            self._turns.update((id(inner), offset) for offset in turns(inner))
            if self._tool is not None:
                _monitoring.set_local_events(self._tool, inner, _monitoring.events.INSTRUCTION)
        # What did not matter to the modules known so far may matter now.
        self._offsets.update((key, accesses(known)) for key, known in self._codes.items())
        self._sure.clear()
        self._traced.update(
            (key, {*accesses(known), *turns(known), *(call for _, call in calls(known))})
            for key, known in self._codes.items()
        )
        if self._tool is not None:
            _monitoring.restart_events()

    @property
    def ids(self) -> dict[int, types.CodeType]:
        """The code objects of the program, by their id."""
        return self._codes

    def watches(self, code: types.CodeType) -> bool:
        """Whether `code` is the program's."""
        return id(code) in self._codes

    def access(self, code: types.CodeType, offset: int) -> Access | None:
        """What the instruction at `offset` does."""
        return self._offsets.get(id(code), {}).get(offset)

    def found_at(self, code: types.CodeType, offset: int) -> int:
        """Where the function is found that the instruction at `offset` calls; else `offset` itself."""
        return self._moved.get((id(code), offset), offset)

    def enter_thread(self) -> None:
        """To be called on each thread before it runs watched code: a trace function that raises is not called again."""
        if self._tool is None:
            sys.settrace(self._trace)

    def close(self) -> None:
        """Watches nothing any more."""
        if self._tool is not None:
            for code in self._codes.values():
                _monitoring.set_local_events(self._tool, code, 0)
            _monitoring.register_callback(self._tool, _monitoring.events.INSTRUCTION, None)
            _monitoring.free_tool_id(self._tool)
            self._tool = None
        self._offsets.clear()
        self._turns.clear()
        self._traced.clear()
        self._calls.clear()
        self._moved.clear()
        self._codes.clear()
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

    def _trace(self, frame: types.FrameType, event: str, arg: Any) -> Any:
        code = frame.f_code
        offsets = self._traced.get(id(code))
        if offsets is None:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        met, looking = self._met, self.looking

        def local(frame: types.FrameType, event: str, arg: Any) -> Any:
            # Called for each instruction: what is of no interest must be over at once.
            if frame.f_lasti in offsets and event == "opcode":
                met(code, frame.f_lasti, frame)
            if looking:
                frame.f_locals  # noqa: B018 - see `_met`
            return local

        return local

    def _met(self, code: types.CodeType, offset: int, frame: types.FrameType) -> None:
        key = (id(code), offset)
        if key in self._sure:
            self.hit(code, offset)
        elif key in self._turns:
            self.turn()
        elif self._is_point(code, offset, frame):
            self.hit(code, offset)
            # Once `f_locals` has been read, CPython 3.11 writes this snapshot back when we return: it must not be older
            # than the switch, or a variable of a closure would get an old value.
            frame.f_locals  # noqa: B018
        elif key not in self._sure:
            self._traced[id(code)].discard(offset)
