"""Looks at the student's values and expressions without running a line of the student's code.

No method of theirs is called: no `__repr__`, `__eq__`, `__getattr__`, no property. What cannot be told so is not told.
"""

from __future__ import annotations

import ast
import types
from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, NamedTuple

from grader.student.world.conditions import Barrier, Condition, Event, Semaphore
from grader.student.world.locks import Lock, RLock
from grader.student.world.queues import Queue, SimpleQueue
from grader.student.world.threads import Thread
from grader.student.world.waitable import Waitable

LONGEST = 40
"""Characters of a value or an expression."""

UNKNOWN: Any = type("Unknown", (), {})()
"""Stands for a value that cannot be told."""

_KINDS: tuple[tuple[type, str], ...] = (
    (Lock, "lock"), (RLock, "lock"), (Condition, "condition"), (Semaphore, "semaphore"), (Event, "event"),
    (Barrier, "barrier"), (Queue, "queue"), (SimpleQueue, "queue"), (Thread, "thread"),
)  # fmt: skip
_SCALARS = frozenset({int, float, bool, str, bytes, complex, type(None)})
_LONGEST_INT = 400
_DEEPEST = 3
_MOST_ITEMS = 12
_MOST_KEYS = 1_000
_MRO: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
_NAMES: Callable[[type], Any] = type.__dict__["__dict__"].__get__
_NAME: Callable[[type], str] = type.__dict__["__name__"].__get__
_METHODS = (
    types.FunctionType, types.BuiltinFunctionType, types.MethodDescriptorType, types.ClassMethodDescriptorType,
    types.WrapperDescriptorType, classmethod, staticmethod,
)  # fmt: skip


# --- values ------------------------------------------------------------------------------------


def kind_of(thing: Any) -> str:
    """A modelled object's kind for people: "lock", "queue", ...; "" for anything else."""
    return next((word for kind, word in _KINDS if issubclass(type(thing), kind)), "")


def number_of(thing: Any) -> int | None:
    """The number of a modelled object."""
    if not issubclass(type(thing), Waitable):
        return None
    number = vars_of(thing).get("_world_number")
    return number if type(number) is int else None


def shown(value: Any) -> str:
    """A value on one line, cut; `<TypeName>` for all but the built-in types and modelled objects."""
    text = _shown(value, 0)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _shown(value: Any, depth: int) -> str:
    kind = type(value)
    if kind is int:
        return repr(value) if value.bit_length() < _LONGEST_INT else "<int>"
    if kind is str or kind is bytes:
        return repr(value[: LONGEST + 1])
    if kind in _SCALARS:
        return repr(value)
    if issubclass(kind, Waitable):
        return _modelled(value)
    if kind in (list, tuple, dict, set, frozenset, deque):
        return f"<{kind.__name__}>" if depth == _DEEPEST else _container(value, depth + 1)
    if issubclass(kind, BaseException):
        return type_name(value)
    return f"<{type_name(value)}>"


def _modelled(thing: Any) -> str:
    own = vars_of(thing)
    if issubclass(type(thing), Thread):
        name = own.get("_name")
        return name if type(name) is str else "<Thread>"
    kind, number = kind_of(thing), number_of(thing)
    return f"<{type_name(thing)}>" if not kind or number is None else f"{kind} {number}"


def _container(value: Any, depth: int) -> str:
    if type(value) is dict:
        pairs = (f"{_shown(key, depth)}: {_shown(item, depth)}" for key, item in value.items())
        return f"{{{_listed(pairs)}}}"
    items = _listed(_shown(item, depth) for item in value)
    if type(value) is list:
        return f"[{items}]"
    if type(value) is tuple:
        return f"({items},)" if len(value) == 1 else f"({items})"
    if type(value) is deque:
        return f"deque([{items}])"
    if not value:
        return f"{type(value).__name__}()"
    return f"{{{items}}}"


def _listed(items: Iterable[str]) -> str:
    first = list(islice(items, _MOST_ITEMS + 1))
    return ", ".join(first[:_MOST_ITEMS] + ["..."] * (len(first) > _MOST_ITEMS))


def type_name(value: Any) -> str:
    """The name of its class."""
    return str.__getitem__(_NAME(type(value)), slice(LONGEST))


# --- attributes and items ------------------------------------------------------------------------


class Found(NamedTuple):
    """What an attribute or an item is, and where it lies."""

    how: str
    """"own": it lies in `owner`; "missing": it does not yet; "method"; "code": to find it would run code."""
    owner: Any = None
    value: Any = UNKNOWN


def vars_of(thing: Any) -> dict[str, Any]:
    """The dictionary of an instance; an empty one if it has none."""
    if issubclass(type(thing), types.ModuleType):
        found: dict[str, Any] = vars(types.ModuleType)["__dict__"].__get__(thing)
        return found
    _, descriptor = _in_classes(type(thing), "__dict__")
    if type(descriptor) is not types.GetSetDescriptorType:
        return {}
    found = descriptor.__get__(thing)
    return found if type(found) is dict else {}


def attribute(thing: Any, name: str) -> Found:
    """What `thing.name` is."""
    kind = type(thing)
    if issubclass(kind, type):
        owner, value = _in_classes(thing, name)
        return Found("missing", thing) if owner is None else _in_class(owner, value)
    if _overridden(kind, "__getattribute__", (object, types.ModuleType)):
        return Found("code")
    owner, in_class = _in_classes(kind, name)
    if type(in_class) is types.MemberDescriptorType:
        try:
            return Found("own", thing, in_class.__get__(thing, kind))
        except AttributeError:
            return Found("missing", thing)
    if owner is not None and _in_classes(type(in_class), "__set__")[0] is not None:
        return Found("code")
    own = vars_of(thing)
    if name in own:
        return Found("own", thing, own[name])
    if owner is not None:
        return _in_class(owner, in_class)
    return Found("code" if _in_classes(kind, "__getattr__")[0] is not None else "missing", thing)


def sets_by_code(thing: Any, name: str) -> bool:
    """Whether `thing.name = ...` runs code, of a property or a `__setattr__`."""
    kind = type(thing)
    if issubclass(kind, type):
        return _overridden(kind, "__setattr__", (object, type))
    if _overridden(kind, "__setattr__", (object, types.ModuleType)):
        return True
    owner, in_class = _in_classes(kind, name)
    if owner is None or type(in_class) is types.MemberDescriptorType:
        return False
    return _in_classes(type(in_class), "__set__")[0] is not None


def item(thing: Any, key: Any) -> Found:
    """What `thing[key]` is, for the built-in containers."""
    kind = type(thing)
    if kind not in (list, tuple, deque, dict) or not _is_plain(key):
        return Found("code")
    if kind is dict:
        if len(thing) > _MOST_KEYS or not all(_is_plain(other) for other in thing):
            return Found("code")  # to look a key up may compare it to others
    elif type(key) is not int:
        return Found("code")
    try:
        return Found("own", thing, thing[key])
    except (IndexError, KeyError):
        return Found("missing", thing)


def _in_class(owner: type, value: Any) -> Found:
    if type(value) in _METHODS:
        return Found("method", owner)
    if _in_classes(type(value), "__get__")[0] is not None:
        return Found("code")
    return Found("own", owner, value)


def _in_classes(kind: type, name: str) -> tuple[type | None, Any]:
    for one in _MRO(kind):
        names = _NAMES(one)
        if name in names:
            return one, names[name]
    return None, None


def _overridden(kind: type, name: str, by_whom_else: tuple[type, ...]) -> bool:
    return _in_classes(kind, name)[0] not in by_whom_else


def _is_plain(key: Any) -> bool:
    return type(key) in _SCALARS or (type(key) is tuple and all(_is_plain(part) for part in key))


# --- expressions ---------------------------------------------------------------------------------


def evaluate(node: ast.AST | None, local: dict[str, Any], world: dict[str, Any]) -> Any:
    """What an expression of names, attributes and items is worth; UNKNOWN for any other.

    Args:
        node: the expression.
        local: the local names.
        world: the global names.
    """
    if isinstance(node, ast.Name):
        return local[node.id] if node.id in local else world.get(node.id, UNKNOWN)
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        number = evaluate(node.operand, local, world)
        return -number if type(number) is int else UNKNOWN
    if not isinstance(node, (ast.Attribute, ast.Subscript)):
        return UNKNOWN
    base = evaluate(node.value, local, world)
    if base is UNKNOWN:
        return UNKNOWN
    if isinstance(node, ast.Attribute):
        return attribute(base, node.attr).value
    return item(base, evaluate(node.slice, local, world)).value
