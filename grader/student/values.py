"""Turns values of the student's code into plain data, and the test's data into values."""

from __future__ import annotations

import dataclasses
import importlib
import types
from array import array
from collections.abc import Callable
from typing import Any

from grader import wire
from grader.student.sequences import Strict, Vector

MAX_TEXT = 2_000
"""Characters of a message or a repr that are sent."""

MAX_FRAMES = 30
"""Frames of a traceback or a stack that are sent, the innermost."""


class Values:
    """Encodes and decodes for one test; remembers faults and kept objects by number."""

    def __init__(self, make_probe: Callable[[dict[str, Any]], Any]) -> None:
        """Args: make_probe: builds the callable for a probe that the test hands over."""
        self._make_probe = make_probe
        self._kept: dict[int, Any] = {}
        self._faults: dict[int, tuple[BaseException, int]] = {}

    def keep(self, value: Any) -> dict[str, Any]:
        """Keeps an object on this side and gives the reference that stands for it."""
        ref = len(self._kept) + 1
        self._kept[ref] = value
        return {"t": "ref", "v": ref, "type": type(value).__name__}

    def kept(self, ref: int) -> Any:
        """The object that a reference stands for."""
        return self._kept[ref]

    def encode(self, value: Any) -> Any:
        """`value` as data; what cannot be sent is described instead."""
        try:
            data = wire.encode(value, self._extension)
            wire.pack(wire.Returned(0, data))
        except (wire.WireError, RecursionError, MemoryError) as error:
            return _opaque(value, str(error))
        return data

    def decode(self, data: Any) -> Any:
        """The value that the test meant by `data`."""
        return wire.decode(data, self._build)

    def _extension(self, value: Any) -> dict[str, Any] | None:
        kind = type(value)
        if isinstance(value, BaseException):
            return self.encode_error(value)
        if issubclass(kind, Strict):
            return Strict.as_data(value)
        if kind is array:
            return {"t": "array", "code": value.typecode, "v": value.tolist()}
        if dataclasses.is_dataclass(kind):
            fields = [
                [field.name, wire.encode(getattr(value, field.name, None), self._extension, 1)]
                for field in dataclasses.fields(kind)
            ]
            return {"t": "record", "type": kind.__name__, "v": fields}
        if issubclass(kind, (list, tuple, set, frozenset, dict)):
            return None
        return _opaque(value)

    def encode_error(self, error: BaseException) -> dict[str, Any]:
        """An exception as data: type, bases, message, where, and which fault it is."""
        known, key = self._faults.get(id(error), (None, None))
        kinds = type(error).__mro__
        return {
            "t": "raised",
            "type": type(error).__name__,
            "bases": [f"{base.__module__}.{base.__qualname__}" for base in kinds],
            "message": _safely(str, error),
            "fault": key if known is error else None,
            "frames": [[f.file, f.line, f.function] for f in frames_of(error.__traceback__)],
            "syntax": _syntax(error),
        }

    def _build(self, tag: str, data: dict[str, Any]) -> Any:
        if tag == "probe":
            return self._make_probe(data)
        if tag == "fault":
            kind = getattr(importlib.import_module(data["module"]), data["type"])
            error: BaseException = kind(data["message"])
            self._faults[id(error)] = (error, data["key"])
            return error
        if tag == "ref":
            return self._kept[data["v"]]
        if tag == "array":
            return array(data["code"], data["v"])
        if tag == "vector":
            return Vector(data["v"])
        if tag == "strict":
            return Strict(data["v"])
        raise wire.WireError(f"unknown tag {tag!r}")


def frames_of(traceback: types.TracebackType | None) -> list[wire.Frame]:
    """The lines of a traceback, outermost first."""
    found: list[wire.Frame] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        found.append(wire.Frame(code.co_filename, traceback.tb_lineno or 0, code.co_name))
        traceback = traceback.tb_next
    return found[-MAX_FRAMES:]


def stack_of(frame: types.FrameType | None) -> list[wire.Frame]:
    """The lines of a running stack, outermost first."""
    found: list[wire.Frame] = []
    while frame is not None and len(found) < 10 * MAX_FRAMES:
        code = frame.f_code
        found.append(wire.Frame(code.co_filename, frame.f_lineno or 0, code.co_name))
        frame = frame.f_back
    return found[:MAX_FRAMES][::-1]


def _syntax(error: BaseException) -> list[Any] | None:
    if not isinstance(error, SyntaxError):
        return None
    line = error.lineno if isinstance(error.lineno, int) else 0
    column = error.offset if isinstance(error.offset, int) else 0
    text = error.text if isinstance(error.text, str) else ""
    return [line, column, text[:200], str(error.msg)[:200]]


def _opaque(value: Any, why: str = "") -> dict[str, Any]:
    return {
        "t": "opaque",
        "type": type(value).__name__,
        "repr": _safely(repr, value)[:200],
        "why": why,
    }


def _safely(function: Callable[[Any], Any], value: Any) -> str:
    """`str` or `repr` of a value of the student's, whose own method may do anything."""
    try:
        text = function(value)
        return str.__str__(text)[:MAX_TEXT].encode("utf-8", "backslashreplace").decode()
    except BaseException as error:
        return f"<{function.__name__}() of it raised {type(error).__name__}>"
