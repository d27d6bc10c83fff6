"""Turns values of the student's code into plain data, and the test's data into values."""

from __future__ import annotations

import dataclasses
import importlib
import types
from array import array
from collections.abc import Callable
from typing import Any, cast

from grader import wire
from grader.student.sequences import Strict, Vector

MAX_TEXT = 2_000
"""Characters of a message or a repr that are sent."""

MAX_NAME = 200
"""Characters of a name, a path or a line that are sent."""

MAX_FRAMES = 30
"""Frames of a traceback or a stack that are sent, the innermost."""


# What a class of the student's cannot stand in front of.
_name_of = cast(Callable[[type], str], type.__dict__["__name__"].__get__)
_traceback_of = cast(
    Callable[[BaseException], types.TracebackType | None], BaseException.__dict__["__traceback__"].__get__
)


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

    def forget_faults(self) -> None:
        """Forgets which exceptions are faults, and with them the frames they hang on."""
        self._faults.clear()

    def encode(self, value: Any) -> Any:
        """`value` as data; what cannot be sent is described instead."""
        try:
            data = wire.encode(value, self._extension)
            wire.pack(wire.Returned(0, data))
        except wire.WireError as error:
            return _opaque(value, str(error))
        except BaseException as error:  # from a property of the student's, a metaclass, ...
            return _opaque(value, f"looking at it raised {_type_name(error)}")
        return data

    def decode(self, data: Any) -> Any:
        """The value that the test meant by `data`."""
        return wire.decode(data, self._build)

    def _extension(self, value: Any) -> dict[str, Any] | None:
        kind = type(value)
        if issubclass(kind, BaseException):
            return self.encode_error(value)
        if issubclass(kind, Strict):
            return {**Strict.as_data(value), "v": self._items(Strict.as_data(value)["v"])}
        if kind is array:
            return {"t": "array", "code": value.typecode, "v": self._items(value.tolist())}
        if dataclasses.is_dataclass(kind):
            fields = [
                [field.name, wire.encode(getattr(value, field.name, None), self._extension, 1)]
                for field in dataclasses.fields(kind)
            ]
            return {"t": "record", "type": _type_name(value), "v": fields}
        if issubclass(kind, (list, tuple, set, frozenset, dict)):
            return None
        return _opaque(value)

    def _items(self, items: list[Any]) -> list[Any]:
        return [wire.encode(item, self._extension, 1) for item in items]

    def encode_error(self, error: BaseException) -> dict[str, Any]:
        """An exception as data: type, bases, message, where, and which fault it is.

        What a class of the student's has made of these is never asked, or asked with care.
        """
        known, key = self._faults.get(id(error), (None, None))
        return {
            "t": "raised",
            "type": _type_name(error),
            "bases": _safely(_bases_of, error).split(),
            "message": _safely(str, error),
            "fault": key if known is error else None,
            "frames": [[f.file, f.line, f.function] for f in frames_of(_traceback_of(error))],
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
            return array(data["code"], [self.decode(item) for item in data["v"]])
        if tag in ("vector", "strict"):
            return {"vector": Vector, "strict": Strict}[tag]([self.decode(item) for item in data["v"]])
        raise wire.WireError(f"unknown tag {tag!r}")


def frames_of(traceback: types.TracebackType | None) -> list[wire.Frame]:
    """The lines of a traceback, outermost first."""
    found: list[wire.Frame] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        found.append(wire.Frame(text_of(code.co_filename), traceback.tb_lineno or 0, text_of(code.co_name)))
        traceback = traceback.tb_next
    return found[-MAX_FRAMES:]


def stack_of(frame: types.FrameType | None) -> list[wire.Frame]:
    """The lines of a running stack, outermost first."""
    found: list[wire.Frame] = []
    while frame is not None and len(found) < 10 * MAX_FRAMES:
        code = frame.f_code
        found.append(wire.Frame(text_of(code.co_filename), frame.f_lineno or 0, text_of(code.co_name)))
        frame = frame.f_back
    return found[:MAX_FRAMES][::-1]


def _syntax(error: BaseException) -> list[Any] | None:
    """Line, column, text, message and file, if the parser has refused a file."""
    if type(error) not in (SyntaxError, IndentationError, TabError):  # the parser's own; no class of the student's
        return None
    assert isinstance(error, SyntaxError)
    if type(error.lineno) is not int or type(error.filename) is not str or not error.filename.endswith(".py"):
        return None
    column = error.offset if type(error.offset) is int else 0
    text = error.text if type(error.text) is str else ""
    return [error.lineno, column, text_of(text), _safely(str, error.msg)[:200], text_of(error.filename)]


def _opaque(value: Any, why: str = "") -> dict[str, Any]:
    """What is told of a value that cannot be sent: `why`, or else its `repr`."""
    return {"t": "opaque", "type": _type_name(value), "repr": why or _safely(repr, value)[:200]}


def _type_name(value: Any) -> str:
    """The name of the type, whatever its metaclass says."""
    return text_of(_name_of(type(value)))


def _bases_of(error: BaseException) -> str:
    return " ".join(f"{base.__module__}.{base.__qualname__}" for base in type(error).__mro__)


def text_of(text: str) -> str:
    """A name as it can be sent: of bearable length, and no halves of characters."""
    return text[:MAX_NAME].encode("utf-8", "backslashreplace").decode()


def _safely(function: Callable[[Any], Any], value: Any) -> str:
    """`str` or `repr` of a value of the student's, whose own method may do anything."""
    try:
        text = function(value)
        return str.__str__(text)[:MAX_TEXT].encode("utf-8", "backslashreplace").decode()
    except BaseException as error:
        return f"<{function.__name__}() of it raised {type(error).__name__}>"
