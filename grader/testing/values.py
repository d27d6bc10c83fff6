"""Values of the student's process as a test sees them: plain builtins, and these few classes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from grader import wire
from grader.testing.outcomes import RuleBroken

_LONGEST, _MOST_LINES = 2_000, 10_000_000
_MOST_FRAMES = _MOST_BASES = 200
_MOST_VALUES = 4_000_000
"""That one student process may send; some hundred bytes of memory each."""


class Fault:
    """An exception for a probe to raise. `Raised.origin` tells it again by identity."""

    def __init__(self, kind: type[BaseException], message: str = "") -> None:
        """Args: kind: an exception class of the standard library. message: its only argument.

        Raises:
            ValueError: the class cannot be found by its name in the standard library.
        """
        module = sys.modules.get(kind.__module__)
        if kind.__module__.partition(".")[0] not in sys.stdlib_module_names | {"builtins"}:
            raise ValueError(f"{kind.__name__} is not an exception of the standard library")
        if getattr(module, kind.__name__, None) is not kind:
            raise ValueError(f"{kind.__module__} has no {kind.__name__}")
        self.kind = kind
        self.message = message

    def __repr__(self) -> str:
        return f"fault({self.kind.__name__}, {self.message!r})"


def _cut(text: Any) -> str:
    return str(text)[:_LONGEST]


def _line(number: Any) -> int:
    return number if type(number) is int and 0 < number < _MOST_LINES else 0


class Refused:
    """Where and why the parser refused a file."""

    def __init__(self, line: Any, column: Any, text: Any, message: Any, file: Any) -> None:
        self.line, self.column = _line(line), _line(column)
        self.text, self.message, self.file = _cut(text), _cut(message), _cut(file).rpartition("/")[2]


class Raised:
    """An exception of the student's process, as data."""

    def __init__(self, data: dict[str, Any], origin: Fault | None) -> None:
        """Args: data: as `grader.student.values` wrote it. origin: the fault that it is, if one."""
        self.type_name = " ".join(_cut(data["type"]).split())
        self.message = _cut(data["message"])
        self.origin = origin
        self.bases = tuple(_cut(name) for name in data["bases"][:_MOST_BASES])
        self.frames = [wire.Frame(_cut(f), _line(n), _cut(name)) for f, n, name in data["frames"][:_MOST_FRAMES]]
        syntax = data.get("syntax")
        self.syntax = Refused(*syntax) if syntax else None
        self.line: int | None = None
        """The line of the student's file in which it was raised; set by the `Student` it came from."""

    def is_a(self, kind: type[BaseException]) -> bool:
        """Whether it is of this class of the standard library, or of one derived from it."""
        return f"{kind.__module__}.{kind.__qualname__}" in self.bases

    def __repr__(self) -> str:
        return f"{self.type_name}: {self.message}" if self.message else self.type_name


class MissingField(RuleBroken, AttributeError):
    """A dataclass of the student's lacks a field; an `AttributeError` too, so that `getattr` may have a default."""


class Record:
    """An instance of a dataclass: its fields are attributes."""

    def __init__(self, type_name: str, fields: dict[str, Any]) -> None:
        """Args: type_name: of the dataclass. fields: by name."""
        self.type_name = type_name
        self.fields = fields

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self.__dict__["fields"][name]
        except KeyError:
            raise MissingField(f"`{self.type_name}` has no field `{name}`") from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and (self.type_name, self.fields) == (other.type_name, other.fields)

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"{self.type_name}({', '.join(f'{k}={v!r}' for k, v in self.fields.items())})"


class Opaque:
    """A value of a type that does not travel. Equal to nothing."""

    def __init__(self, type_name: str, text: str) -> None:
        """Args: type_name: its type's name. text: its `repr`, cut."""
        self.type_name = type_name
        self.text = text

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<{self.type_name}: {self.text}>"


class Sequence(list[Any]):
    """A special sequence (`sequences`), or a slice of one: a list that knows where it was cut."""

    def __init__(self, type_name: str, items: list[Any], cut: tuple[int, int] | None = None, code: str = "") -> None:
        """Args: type_name: vector, strict or array. cut: start and stop. code: an array's type code."""
        super().__init__(items)
        self.type_name = type_name
        self.slices = [cut] if cut else []
        self.code = code

    @property
    def items(self) -> list[Any]:
        """What it holds, as a plain list."""
        return list(self)


class Sequences:
    """Makes sequences that can do no more than the contract promises."""

    @staticmethod
    def vector(items: list[Any]) -> Sequence:
        """As much of a NumPy array as trips code that takes it for a list."""
        return Sequence("vector", items)

    @staticmethod
    def strict(items: list[Any]) -> Sequence:
        """`len()` and slices, and nothing else."""
        return Sequence("strict", items)

    @staticmethod
    def array(code: str, items: list[Any]) -> Sequence:
        """An `array.array` of type `code`."""
        return Sequence("array", items, code=code)


class Reference:
    """Stands for an object that stays in the student's process."""

    def __init__(self, number: int, type_name: str) -> None:
        """Args: number: how the other side knows it. type_name: of the object."""
        self.ref_number = number
        self.type_name = type_name


class Codec:
    """Encodes arguments and decodes results for one test; knows its faults by number."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._values = 0

    def encode(self, value: Any) -> Any:
        """`value` as data for the student's process.

        Raises:
            WireError: it is of a type that does not travel.
        """
        return wire.encode(value, self._extension)

    def decode(self, data: Any) -> Any:
        """What the student's process sent as `data`.

        Raises:
            WireError: it is not data of this kind, or too much by now.
        """
        self._values += wire.measure(data)
        if self._values > _MOST_VALUES:
            raise wire.WireError("more values than any program needs to send")
        return self._decoded(data)

    def _decoded(self, data: Any) -> Any:
        return wire.decode(data, self._build)

    def _extension(self, value: Any) -> dict[str, Any] | None:
        if isinstance(value, Fault):
            if value not in self._faults:
                self._faults.append(value)
            key = self._faults.index(value)
            kind = {"module": value.kind.__module__, "type": value.kind.__name__}
            return {"t": "fault", "key": key, "message": value.message, **kind}
        if isinstance(value, Reference):
            return {"t": "ref", "v": value.ref_number}
        if isinstance(value, Sequence):
            return {"t": value.type_name, "v": [self.encode(item) for item in value], "code": value.code}
        if isinstance(value, (Opaque, Raised, Record)):
            raise RuleBroken(f"your code gave a value of type `{value.type_name}`, which cannot be handed on")
        spec = getattr(value, "probe_spec", None)
        return spec() if spec is not None else None

    def _build(self, tag: str, data: dict[str, Any]) -> Any:
        if tag == "raised":
            key = data.get("fault")
            origin = self._faults[key] if isinstance(key, int) and 0 <= key < len(self._faults) else None
            return Raised(data, origin)
        if tag == "record":
            return Record(str(data["type"]), {str(name): self._decoded(item) for name, item in data["v"]})
        if tag == "opaque":
            return Opaque(str(data["type"]), str(data["repr"]))
        if tag == "ref":
            return Reference(int(data["v"]), str(data["type"]))
        if tag in ("vector", "strict"):
            start, stop = data["cut"]
            return Sequence(tag, self._items(data), (int(start), int(stop)))
        if tag == "array":
            return Sequence(tag, self._items(data), code=str(data["code"]))
        raise wire.WireError(f"unknown tag {tag!r}")

    def _items(self, data: dict[str, Any]) -> list[Any]:
        return [self._decoded(item) for item in data["v"]]


def walk(value: Any) -> Iterator[Any]:
    """`value` and everything in it."""
    yield value
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    elif isinstance(value, Record):
        value = value.fields.values()
    if isinstance(value, (list, tuple, set, frozenset)) or type(value).__name__ == "dict_values":
        for item in value:
            yield from walk(item)
