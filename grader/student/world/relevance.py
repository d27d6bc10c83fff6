"""Which accesses can matter to another thread: only these are worth a yield point.

To look up a method, or a value that is bound once and never changes, is seen by nobody: whichever thread comes in
between, the same is found. Every point that is left out makes runs shorter, and the search as much better. Where it
cannot be told, the access matters.
"""

from __future__ import annotations

import dis
import types
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from grader.student.world.waitable import Waitable

_IMMUTABLE = (int, float, complex, str, bytes, bool, type(None), tuple, frozenset, range, type(...))
_CALLABLE = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.ClassMethodDescriptorType,
    type,
    classmethod,
    staticmethod,
)
_MAKERS = ("__init__", "__new__", "__post_init__", "__init_subclass__", "__set_name__")
_TELLS_NOTHING = frozenset(
    {"setattr", "delattr", "vars", "__dict__", "globals", "exec", "eval", "__setattr__", "locals"}
)
_SETTERS = ("setattr", "delattr")
CHANGES = frozenset({
    "append", "appendleft", "extend", "extendleft", "insert", "pop", "popleft", "popitem", "remove", "discard", "add",
    "clear", "update", "setdefault", "sort", "reverse", "rotate", "difference_update", "intersection_update",
    "symmetric_difference_update", "__setitem__", "__delitem__", "__setattr__", "__delattr__",
})  # fmt: skip
"""Methods of what is built in that change it, or what they are given."""
_CHANGE_ARGUMENTS = ("_operator", "_heapq", "_bisect")
"""Modules whose functions change what they are given, or may."""
_UNKNOWN = object()

decoded: dict[int, tuple[types.CodeType, tuple[dis.Instruction, ...]]] = {}
"""By id of a code object: that object, and its instructions."""

Relevance = bool | Literal["in the call"]
"""Whether an access matters; or that it does not itself, but the call of what it finds."""


def instructions(code: types.CodeType) -> tuple[dis.Instruction, ...]:
    """The instructions of a code object; decoded once, which takes most of the time it takes to open a world."""
    known = decoded.get(id(code))  # which stays its own: it is kept
    if known is None:
        known = decoded[id(code)] = (code, tuple(dis.get_instructions(code)))
    return known[1]


def owners(code: types.CodeType) -> list[int]:
    """For each two bytes of code: the offset of the instruction they belong to.

    A cache belongs to the one before it, and what prepares a call to the call: where a frame is in a call, `f_lasti`
    tells any of these, as the interpreter has specialised it.
    """
    found: list[int] = []
    for one, following in pairwise([*instructions(code), None]):
        assert one is not None
        end = len(code.co_code) if following is None else following.offset
        owner = following.offset if following is not None and one.opname == "PRECALL" else one.offset
        found += [owner] * (end // 2 - len(found))
    return found


class Access(NamedTuple):
    """What an instruction does."""

    kind: str
    """"reads", "writes", "deletes" or "calls"."""
    what: str
    """"attribute", "global", "closure", "item" or "call"."""
    name: str
    chain: tuple[str, ...] = ()
    """How its object is found: the name of a variable and attributes; empty if that is not so simple."""


class Bindings:
    """Which names of a program are bound again after they have been bound first."""

    def __init__(self) -> None:
        self.attributes: set[str] = set()
        self.globals: set[str] = set()
        self.closures: set[str] = set()
        self.files: set[str] = set()
        """The files of the program."""
        self.all = False
        """Whether it cannot be told, because the program binds names in other ways."""

    def add(self, codes: Iterable[types.CodeType]) -> None:
        """Takes another module into account: all code objects of it."""
        once: set[str] = set()
        for code in codes:
            self.files.add(code.co_filename)
            self.all = self.all or not _TELLS_NOTHING.isdisjoint(code.co_names)
            loops = list(_loops(code))
            for instruction in instructions(code):
                name, operation = str(instruction.argval), instruction.opname
                if operation in ("STORE_GLOBAL", "DELETE_GLOBAL"):
                    self.globals.add(name)
                elif operation in ("STORE_ATTR", "DELETE_ATTR") and code.co_name not in _MAKERS:
                    self.attributes.add(name)
                elif operation in ("STORE_DEREF", "DELETE_DEREF"):
                    again = name in once or name in code.co_freevars
                    if again or any(start <= instruction.offset <= end for start, end in loops):
                        self.closures.add(name)
                    once.add(name)


def _loops(code: types.CodeType) -> Iterator[tuple[int, int]]:
    for instruction in instructions(code):
        if instruction.opname.startswith("JUMP_BACKWARD") or "_BACKWARD_" in instruction.opname:
            yield int(instruction.argval), instruction.offset


def matters(access: Access, frame: types.FrameType, bindings: Bindings) -> Relevance:
    """Whether a thread that comes just before this access can make a difference to it, or it to that thread."""
    if access.what == "global" and access.name in _SETTERS:
        return "in the call"
    if access.kind != "reads" or access.what == "item":
        return True
    return _read_matters(access, frame, bindings) or bindings.all


def _read_matters(access: Access, frame: types.FrameType, bindings: Bindings) -> Relevance:
    if access.what == "attribute":
        return access.name in bindings.attributes or _attribute_matters(access, frame, bindings)
    # A global may be bound as an attribute of its module, too.
    rebound = bindings.closures if access.what == "closure" else bindings.globals | bindings.attributes
    value = _variable(frame, access.name)
    return access.name in rebound or _changes_arguments(value) or _can_change(value)


def _attribute_matters(access: Access, frame: types.FrameType, bindings: Bindings) -> Relevance:
    owner = _follow(frame, access.chain)
    if owner is _UNKNOWN:
        return "in the call" if access.name in CHANGES else True
    if isinstance(owner, Waitable):
        return False  # its methods are points of their own
    value = attribute_of(owner, access.name)
    if not isinstance(value, _CALLABLE):
        return _can_change(value)
    if isinstance(owner, (types.ModuleType, type)) or type(owner) in _IMMUTABLE:
        return _changes_arguments(value)
    code = getattr(getattr(value, "__func__", value), "__code__", None)
    if code is None:
        return "in the call"  # a method of a container or the like, which is one step
    return code.co_filename not in bindings.files  # the program's own has points of its own


def _changes_arguments(value: Any) -> Relevance:
    """Whether it is a function that is built in and changes what it is given: `operator.setitem`, `list.append`."""
    if isinstance(value, types.BuiltinFunctionType):
        changes = value.__module__ in _CHANGE_ARGUMENTS
    else:
        unbound = (types.MethodDescriptorType, types.WrapperDescriptorType)
        changes = isinstance(value, unbound) and value.__name__ in CHANGES
    return "in the call" if changes else False


def _can_change(value: Any) -> bool:
    if value is _UNKNOWN:
        return True
    if isinstance(value, (*_CALLABLE, types.ModuleType, Waitable)) or type(value) in _IMMUTABLE:
        return False
    # An object of a class of the program's: what is in it is reached by an access of its own.
    kind = type(value)
    return not isinstance(kind.__init__, types.FunctionType) or any(
        hasattr(kind, name) for name in ("__len__", "__bool__", "__iter__", "__contains__", "__call__")
    )


def _variable(frame: types.FrameType, name: str) -> Any:
    for names in (frame.f_locals, frame.f_globals, frame.f_builtins):
        if name in names:
            return names[name]
    return _UNKNOWN


def _follow(frame: types.FrameType, chain: tuple[str, ...]) -> Any:
    if not chain:
        return _UNKNOWN
    found = _variable(frame, chain[0])
    for name in chain[1:]:
        if found is _UNKNOWN:
            break
        found = attribute_of(found, name)
    return found


def attribute_of(owner: Any, name: str) -> Any:
    """An attribute, found without running any code of the program's; `_UNKNOWN` if that cannot be."""
    if isinstance(owner, types.ModuleType):
        return vars(owner).get(name, _UNKNOWN)
    try:
        own = object.__getattribute__(owner, "__dict__")
    except AttributeError:
        own = {}
    if name in own:
        return own[name]
    kinds = owner.__mro__ if isinstance(owner, type) else type(owner).__mro__
    for kind in kinds:
        if name in vars(kind):
            found = vars(kind)[name]
            if isinstance(found, types.MemberDescriptorType):
                try:
                    return found.__get__(owner)
                except AttributeError:
                    return _UNKNOWN
            return (
                _UNKNOWN if isinstance(found, property) or not isinstance(found, (*_CALLABLE, *_IMMUTABLE)) else found
            )
    return _UNKNOWN


def chains(code: types.CodeType) -> Iterator[tuple[dis.Instruction, tuple[str, ...]]]:
    """Each instruction, and the variable and attributes by which the object on top of the stack has been found."""
    chain: tuple[str, ...] = ()
    for instruction in instructions(code):
        yield instruction, chain
        operation, value = instruction.opname, instruction.argval
        if operation.startswith(("LOAD_FAST", "LOAD_DEREF", "LOAD_GLOBAL", "LOAD_NAME")):
            chain = (value[-1],) if isinstance(value, tuple) else (value,)
        elif operation in ("LOAD_ATTR", "LOAD_METHOD") and chain:
            chain = (*chain, value)
        elif operation not in ("CACHE", "NOP", "EXTENDED_ARG", "RESUME", "PUSH_NULL"):
            chain = ()
