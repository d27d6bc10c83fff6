"""A seal on our own code in the student process: tells whether the student's code has replaced any of it.

It is no wall, since it lies in the same process; what the grader sees from outside is compared as well
(`grader.testing.outside`). It names what the careless change, and makes forging more than one assignment.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any

_OURS = ("grader.", "msgspec")
_WORLD = ("grader.student.world", "grader.student.exploring")
_CODE = (types.FunctionType, types.BuiltinFunctionType, type, staticmethod, classmethod, property)


class Seal:
    """Functions, classes and methods of our modules, as they were when this was made."""

    def __init__(self) -> None:
        self._always = _Sealed(place for place in _spaces() if not place[0].startswith(_WORLD))
        self._world = _Sealed(place for place in _spaces() if place[0].startswith(_WORLD))

    def broken(self, world: bool = True) -> str:
        """The name of something that is no longer what it was; empty if all is.

        Args:
            world: whether to look at the controlled world, too; a test that does not use it need not, and to look
                at all of it in each process has hundreds of its pages copied.
        """
        return self._always.broken() or (self._world.broken() if world else "")


class _Sealed:
    """A part of them."""

    def __init__(self, spaces: Iterable[tuple[str, Any]]) -> None:
        self._kept: list[tuple[Any, str, str, Any]] = []
        self._codes: list[tuple[types.FunctionType, str, types.CodeType]] = []
        for place, space in spaces:
            for name, value in space.items():
                if isinstance(value, _CODE):
                    self._kept.append((space, name, place, value))
                if isinstance(value, types.FunctionType):
                    self._codes.append((value, f"{place}.{name}", value.__code__))

    def broken(self) -> str:
        """As `Seal.broken`."""
        for space, name, place, value in self._kept:
            if space.get(name) is not value:
                return f"{place}.{name}"
        for function, name, code in self._codes:
            if function.__code__ is not code:
                return name
        return ""


def _spaces() -> Iterator[tuple[str, Any]]:
    """The namespaces of our modules and of the classes made there."""
    for name, module in list(sys.modules.items()):
        if name.startswith(_OURS):
            yield name, vars(module)
            for value in list(vars(module).values()):
                if isinstance(value, type) and value.__module__ == name:
                    yield f"{name}.{value.__name__}", vars(value)
