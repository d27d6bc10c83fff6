"""Where in the program a call on a modelled object comes from, and what the program calls that object there."""

from __future__ import annotations

import ast
import types
from collections.abc import Hashable
from typing import Any, NamedTuple

from grader.student.world.expressions import Expressions, written
from grader.student.world.looks import number_of, shown, type_name
from grader.student.world.modules import OVER_MODELLED
from grader.student.world.points import Points

EXIT = "the end of the with block"
"""What a call comes through that gives a context back."""

_WORLD = "grader.student.world."
_ALIASES = {"acquire_lock": "acquire", "release_lock": "release", "isSet": "is_set", "notifyAll": "notify_all"}
_FAR_BACK = 60
"""Instructions between the end of a context expression and the `with` that enters it."""


class Call(NamedTuple):
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

    @property
    def is_modelled(self) -> bool:
        """Whether the object is one of the world's."""
        return number_of(self.thing) is not None or _is_of_world(self.thing)

    @property
    def group(self) -> Hashable | None:
        """What the call is on: shared if more than one task uses it."""
        if self.method == "probe":
            return ("used", self.through) if self.through else None
        number = number_of(self.thing)
        if number is not None:
            return ("used", number)
        return ("used", type_name(self.thing), id(self.thing)) if _is_of_world(self.thing) else None


class CallSites:
    """Finds the lines of a program that calls come from."""

    def __init__(self, points: Points, expressions: Expressions) -> None:
        """Args: points: of the world. expressions: of the program."""
        self._points = points
        self._expressions = expressions

    def find(self, frame: types.FrameType | None) -> Call | None:
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
        while frame is not None and not self._points.watches(frame.f_code):
            entry, frame = frame, frame.f_back
        local = outer.f_locals
        thing, method = local.get("self"), outer.f_code.co_name
        put = shown(local["item"]) if method in ("put", "put_nowait") and "item" in local else None
        if frame is None or below is None:
            return Call(thing, method, "", 0, "", "", None)
        name = through = ""
        if _is_probe(outer) or (below is not frame and _module(below) in OVER_MODELLED):
            leaves = entry.f_code.co_name == "__exit__"
            through = EXIT if leaves else written(self._expressions.called(frame)) or entry.f_code.co_name
        elif below is frame:
            name = self._name(frame, method)
        code = frame.f_code
        at = self._points.owners[id(code)][frame.f_lasti // 2]
        return Call(thing, method, code.co_filename, frame.f_lineno, name, through, put, code, at)

    def _name(self, frame: types.FrameType, method: str) -> str:
        """What the expression is called on which the student's line calls a method."""
        called = self._expressions.called(frame)
        if isinstance(called, ast.Attribute) and _ALIASES.get(called.attr, called.attr) == method:
            return _simple(called.value)
        if method not in ("__enter__", "acquire"):
            return ""
        code, at = self._expressions.of(frame.f_code), frame.f_lasti // 2
        for place in reversed(code.places[max(0, at - _FAR_BACK) : at + 1]):
            context = code.source.context(place)
            if context is not None:
                return _simple(context)
        return ""


def _simple(node: Any) -> str:
    return written(node) if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) else ""


def _is_of_world(thing: Any) -> bool:
    module = vars(type(thing)).get("__module__")
    return type(module) is str and module.startswith(_WORLD)


def _is_probe(frame: types.FrameType) -> bool:
    return frame.f_code.co_name == "probe" and _module(frame) == f"{_WORLD}scenario"


def _module(frame: types.FrameType) -> str:
    name = frame.f_globals.get("__name__")
    return name if type(name) is str else ""
