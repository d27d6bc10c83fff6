"""Values of a program as tagged JSON data, and back: nothing that could be executed, and no tag that nobody knows."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from typing import Any

from grader.wire.frames import MAX_FRAME, WireError

MAX_DEPTH = 40
"""How deeply values may be nested."""

_DEEPEST_JSON = 4 * MAX_DEPTH  # lists and objects inside one another, for values nested so deeply: a dict needs most
_MOST_COLLISIONS = 100
_SMALL_INT = 1 << 53
_MAX_INT_DIGITS = 3500  # in hexadecimal; in decimal fewer than the 4300 that `str` writes

Extension = Callable[[Any], "dict[str, Any] | None"]
"""Encodes what `encode` does not know; None: it does not know it either."""

Builder = Callable[[str, "dict[str, Any]"], Any]
"""Builds the value of a tag that `decode` does not know, from its fields."""


def encode(value: Any, extension: Extension, depth: int = 0) -> Any:
    """`value` as plain JSON data, tagged where JSON has no such type.

    Works on what builtin containers really hold, never through methods that a subclass may
    override.

    Args:
        value: what to send.
        extension: asked about every value that is not of a builtin type itself.
        depth: how deep in a value this one lies.

    Raises:
        WireError: nested too deeply, or of a type that nobody knows.
    """
    if depth > MAX_DEPTH:
        raise WireError("nested too deeply to be sent")
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is int:
        return _encode_int(value)
    if kind is float:
        return value if value - value == 0 else {"t": "float", "v": repr(value)}
    if _length(value, kind) > MAX_FRAME:
        raise WireError("too long to be sent")
    if kind is str:
        return _encode_str(value)
    if kind is bytes or kind is bytearray:
        return {"t": kind.__name__, "v": base64.b64encode(value).decode("ascii")}
    if kind is range:
        parts = [_encode_int(n) for n in (value.start, value.stop, value.step)]
        return {"t": "range", "v": parts}
    custom = extension(value)
    if custom is not None:
        return custom
    return _encode_container(value, kind, extension, depth)


def _length(value: Any, kind: type) -> int:
    """How long a string or container really is."""
    for base in (str, bytes, bytearray, list, tuple, set, frozenset, dict):
        if issubclass(kind, base):
            return base.__len__(value)
    return 0


def _encode_container(value: Any, kind: type, extension: Extension, depth: int) -> Any:
    for base in (list, tuple, set, frozenset):
        if issubclass(kind, base):
            items = [encode(item, extension, depth + 1) for item in list(base.__iter__(value))]
            return items if base is list else {"t": base.__name__, "v": items}
    if issubclass(kind, dict):
        pairs = [
            [encode(key, extension, depth + 1), encode(item, extension, depth + 1)]
            for key, item in list(dict.items(value))  # a copy: other threads may go on writing
        ]
        return {"t": "dict", "v": pairs}
    raise WireError(f"a value of type {kind.__name__} cannot be sent")


def _encode_int(value: int) -> Any:
    if -_SMALL_INT < value < _SMALL_INT:
        return value
    digits = hex(value)
    if len(digits) > _MAX_INT_DIGITS:
        raise WireError("too long to be sent")
    return {"t": "int", "v": digits}


def _encode_str(value: str) -> Any:
    try:
        value.encode()
    except UnicodeEncodeError:
        data = value.encode("utf-8", "surrogatepass")
        return {"t": "str", "v": base64.b64encode(data).decode("ascii")}
    return value


def decode(data: Any, builder: Builder) -> Any:
    """The value that `encode` wrote as `data`.

    Args:
        data: JSON data as it came from the other side.
        builder: asked for every tag that is not a builtin type's.

    Raises:
        WireError: not data of this kind.
    """
    if data is None or isinstance(data, (bool, int, float, str)):
        return data
    try:
        if isinstance(data, list):
            return [decode(item, builder) for item in data]
        if isinstance(data, dict) and isinstance(data.get("t"), str):
            return _decode_tagged(data["t"], data, builder)
    except WireError:
        raise
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise WireError(f"not a value: {type(error).__name__}") from None
    raise WireError("not a value")


def _decode_tagged(tag: str, data: dict[str, Any], builder: Builder) -> Any:
    value = data.get("v")
    if tag == "int":
        if len(value) > _MAX_INT_DIGITS:  # type: ignore[arg-type]
            raise WireError("integer too long")
        return int(value, 16)  # type: ignore[arg-type]
    if tag == "float":
        return float(value)  # type: ignore[arg-type]
    if tag == "str":
        return base64.b64decode(value, validate=True).decode(  # type: ignore[arg-type]
            "utf-8", "surrogatepass"
        )
    if tag in ("bytes", "bytearray"):
        return base64.b64decode(value, validate=True)  # type: ignore[arg-type]
    if tag == "range":
        return range(*(decode(n, builder) for n in value))  # type: ignore[union-attr]
    if tag in ("tuple", "set", "frozenset"):
        items = [decode(item, builder) for item in value]  # type: ignore[union-attr]
        return _built({"tuple": tuple, "set": set, "frozenset": frozenset}[tag], items, builder)
    if tag == "dict":
        pairs = [(decode(key, builder), decode(item, builder)) for key, item in value]  # type: ignore[union-attr]
        return _built(dict, pairs, builder)
    return builder(tag, data)


def measure(data: Any) -> int:
    """How many values there are in decoded JSON, itself included.

    Raises:
        WireError: it is nested more deeply than `encode` nests anything.
    """
    count, level = 1, [data]
    for _ in range(_DEEPEST_JSON):
        level = [item for outer in level for item in _inside(outer)]
        if not level:
            return count
        count += len(level)
    raise WireError("nested too deeply")


def _inside(data: Any) -> Iterable[Any]:
    return data if type(data) is list else data.values() if type(data) is dict else ()


def _built(kind: Callable[[Any], Any], parts: list[Any], builder: Builder) -> Any:
    """The container; opaque if what its keys were made of is hashable over there only, as a class may see to."""
    try:
        if kind is not tuple:
            _check_hashes([key for key, _ in parts] if kind is dict else parts)
        return kind(parts)
    except TypeError:
        return builder("opaque", {"type": getattr(kind, "__name__", ""), "repr": "its keys cannot be keys here"})


def _check_hashes(keys: list[Any]) -> None:
    """Keys that are all different and hash alike take quadratic time: a minute, in one frame."""
    if len(keys) - len({hash(key) for key in keys}) > _MOST_COLLISIONS:
        raise WireError("keys that were made to collide")
