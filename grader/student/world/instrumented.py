"""Python 3.11: a copy of a program's code that calls back before some of its instructions.

`sys.monitoring` does that from 3.12 on. A trace function would do it, too, but with one set the interpreter executes
everything at half the speed, our own code as well. So the calls are put into the bytecode, and nothing is traced.

Sources: CPython 3.11, Objects/locations.md and Objects/exception_handling_notes.txt; Python/ceval.c for what must stay
together; library reference, `dis`.
"""

from __future__ import annotations

import dis
import types
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from grader.student.world.relevance import instructions

_OPCODE = dis.opmap
_CACHES: list[int] = getattr(dis, "_inline_cache_entries", [])
_EXTENDED = _OPCODE["EXTENDED_ARG"]
_DEEPER = 3
"""So much more room on the stack the calls need."""

_WITH_CALL = ("PRECALL", "KW_NAMES")
"""What prepares a call: nothing may come between it and the call."""

_LONGEST_ENTRY = 8
_WITHOUT_COLUMNS, _WITH_COLUMNS, _NOWHERE = 13, 14, 15

Place = tuple[int | None, int | None, int | None, int | None]


class _Unit:
    """One instruction, with what extends its argument and what it caches."""

    __slots__ = ("arg", "before", "caches", "end", "offset", "opcode", "place", "source", "start", "target")

    def __init__(self, opcode: int, arg: int, place: Place, source: dis.Instruction | None = None) -> None:
        """Args: opcode, arg. place: in the source. source: the instruction of the program; None: one of ours."""
        self.opcode = opcode
        self.arg = arg
        self.place = place
        self.source = source
        self.caches = 2 * _CACHES[opcode]
        self.target: _Unit | None = None
        """Where it jumps to."""
        self.before: list[_Unit] = []
        """Ours that lead to it: who jumps to it comes through them."""
        self.start = self.offset = self.end = 0
        """Its place in bytes: with what extends its argument, of the instruction itself, and behind its caches."""

    @property
    def entry(self) -> int:
        """Where one jumps to who jumps to it."""
        return self.before[0].start if self.before else self.start

    def put_at(self, start: int) -> int:
        """Gives it its place; where the next one begins."""
        self.start = start
        self.offset = start if self.arg < 256 else start + 2 * _extensions(self.arg)
        self.end = self.offset + 2 + self.caches
        return self.end

    def add_to(self, code: bytearray) -> None:
        """Adds it to a code that ends where it begins."""
        for number in range((self.offset - self.start) // 2, 0, -1):
            code += bytes((_EXTENDED, self.arg >> 8 * number & 0xFF))
        code += bytes((self.opcode, self.arg & 0xFF))
        code += bytes(self.caches)


def _extensions(arg: int) -> int:
    """How many instructions it takes to extend an argument."""
    return (max(arg.bit_length(), 1) - 1) // 8


def instrumented(
    code: types.CodeType, wanted: Iterable[int], call: Callable[[int], object], inner: Iterable[types.CodeType]
) -> tuple[types.CodeType, tuple[dis.Instruction, ...], list[int]]:
    """A copy of `code` with calls in it.

    Args:
        code: to copy; of CPython 3.11.
        wanted: offsets of instructions, in `code`.
        call: called before each of them with its offset in the copy.
        inner: what takes the places of the code objects among its constants, in their order.

    Returns:
        the copy; its instructions without those that make the calls; and, for each two bytes of it, the offset of the
        instruction to which they belong: a call belongs to the one it comes before.
    """
    units, at = _units(code)
    copies = iter(inner)
    constants = [next(copies) if isinstance(one, types.CodeType) else one for one in code.co_consts]
    constants.append(call)
    calls = _put_in(units, frozenset(wanted), constants)
    laid_out = [one for unit in units for one in (*unit.before, unit)]
    _lay_out(laid_out)
    for unit, number in calls:
        constants[number] = unit.offset
    made = bytearray()
    for unit in laid_out:
        unit.add_to(made)
    end = len(made)
    copy = code.replace(
        co_code=bytes(made),
        co_consts=tuple(constants),
        co_stacksize=code.co_stacksize + _DEEPER,
        co_linetable=bytes(_lines(laid_out, code.co_firstlineno)),
        co_exceptiontable=bytes(_handlers(code, lambda offset: at[offset].entry if offset in at else end)),
    )
    return copy, tuple(_moved(unit) for unit in units), _owners(laid_out)


def _units(code: types.CodeType) -> tuple[list[_Unit], dict[int, _Unit]]:
    """The instructions of `code`, and each by its offset and by that of what extends its argument."""
    units: list[_Unit] = []
    at: dict[int, _Unit] = {}
    starts: list[int] = []
    for instruction in instructions(code):
        starts.append(instruction.offset)
        if instruction.opcode == _EXTENDED:
            continue
        place: Any = instruction.positions or (None, None, None, None)
        unit = _Unit(instruction.opcode, instruction.arg or 0, tuple(place), source=instruction)
        units.append(unit)
        at.update(dict.fromkeys(starts, unit))
        starts = []
    for unit in units:
        if unit.opcode in dis.hasjrel:
            assert unit.source is not None
            unit.target = at[unit.source.argval]
    return units, at


def _put_in(units: list[_Unit], wanted: frozenset[int], constants: list[Any]) -> list[tuple[_Unit, int]]:
    """Puts calls before the instructions at the offsets `wanted`, and the constants that they need to the others.

    Returns:
        these instructions, and for each the number of the constant that is to be its offset.
    """
    callee = len(constants) - 1
    found = []
    for number, unit in enumerate(units):
        assert unit.source is not None
        if unit.source.offset not in wanted:
            continue
        first = number
        while first and dis.opname[units[first - 1].opcode] in _WITH_CALL:
            first -= 1
        steps = [("PUSH_NULL", 0), ("LOAD_CONST", callee), ("LOAD_CONST", len(constants))]
        steps += [("PRECALL", 1), ("CALL", 1), ("POP_TOP", 0)]
        units[first].before += [_Unit(_OPCODE[name], arg, unit.place) for name, arg in steps]
        found.append((unit, len(constants)))
        constants.append(None)
    return found


def _lay_out(units: list[_Unit]) -> None:
    """Gives each its place; the longer a jump, the longer its argument, which moves what comes behind it."""
    jumps = [unit for unit in units if unit.target is not None]
    grown = True
    while grown:
        start = 0
        for unit in units:
            start = unit.put_at(start)
        grown = False
        for unit in jumps:
            assert unit.target is not None
            unit.arg = abs(unit.target.entry - unit.end) // 2
            grown = grown or 2 * _extensions(unit.arg) != unit.offset - unit.start


def _moved(unit: _Unit) -> dis.Instruction:
    assert unit.source is not None
    if unit.target is None:
        return unit.source._replace(offset=unit.offset)
    return unit.source._replace(offset=unit.offset, argval=unit.target.entry)


def _owners(units: list[_Unit]) -> list[int]:
    owners: list[int] = []
    for unit in units:
        if unit.source is not None and unit.source.opname != "PRECALL":
            owners += [unit.offset] * (unit.end // 2 - len(owners))
    return owners


def _lines(units: list[_Unit], line: int) -> bytearray:
    """The table of places."""
    table = bytearray()
    for place, run in groupby(units, attrgetter("place")):
        same = list(run)
        left = (same[-1].end - same[0].start) // 2
        while left:
            length = min(left, _LONGEST_ENTRY)
            left -= length
            line = _add_entry(table, place, length, line)
    return table


def _add_entry(table: bytearray, place: Place, length: int, line: int) -> int:
    """Says of so many pairs of bytes where they come from; the line for the next entry to count from."""
    first, last, column, end = place
    if first is None:
        table.append(0x80 | _NOWHERE << 3 | length - 1)
        return line
    step = first - line
    numbers = [-step << 1 | 1 if step < 0 else step << 1]
    kind = _WITHOUT_COLUMNS
    if last is not None and column is not None and end is not None:
        kind = _WITH_COLUMNS
        numbers += (last - first, column + 1, end + 1)
    table.append(0x80 | kind << 3 | length - 1)
    for number in numbers:
        while number > 0x3F:
            table.append(0x40 | number & 0x3F)
            number >>= 6
        table.append(number)
    return first


def _handlers(code: types.CodeType, moved: Callable[[int], int]) -> Iterator[int]:
    """The table of exception handlers."""
    entries: Iterable[Any] = dis._parse_exception_table(code)  # type: ignore[attr-defined]
    for entry in entries:
        start, end, target = (moved(offset) // 2 for offset in (entry.start, entry.end, entry.target))
        first, *others = _high_first(start)
        yield first | 0x80
        yield from others
        for number in (end - start, target, entry.depth << 1 | entry.lasti):
            yield from _high_first(number)


def _high_first(number: int) -> list[int]:
    """A number in six bits a byte; all but the last byte are marked."""
    parts = [number & 0x3F]
    while number := number >> 6:
        parts.append(0x40 | number & 0x3F)
    return parts[::-1]
