"""Calls in a program's code: everything else stays as it was, and means the same."""

from __future__ import annotations

import dis
import importlib.util
import sys
import textwrap
import traceback
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.student.world.points import accesses, calls, code_objects, turns

if sys.version_info >= (3, 12):
    pytest.skip("on 3.11 only", allow_module_level=True)

from grader.student.world.instrumented import instrumented

Made = tuple[types.CodeType, types.CodeType, tuple[dis.Instruction, ...], list[int]]

MODULES = (
    "argparse", "ast", "asyncio.base_events", "bdb", "calendar", "configparser", "contextlib", "csv",
    "dataclasses", "enum", "functools", "inspect", "ipaddress", "json.decoder", "locale", "opcode", "pickle",
    "pydoc", "socketserver", "statistics", "string", "tarfile", "threading", "traceback", "turtle", "typing",
    "uuid", "xml.dom.minidom", "zipfile",
)  # fmt: skip


def wanted(code: types.CodeType) -> set[int]:
    return {*accesses(code), *turns(code), *(call for _, call in calls(code))}


def made(code: types.CodeType, call: Callable[[int], object], found: list[Made]) -> types.CodeType:
    """A copy of `code` and all in it; each is added to `found`."""
    inner = [made(one, call, found) for one in code.co_consts if isinstance(one, types.CodeType)]
    copy, told, owners = instrumented(code, wanted(code), call, inner)
    found.append((code, copy, told, owners))
    return copy


def source_of(name: str) -> types.CodeType:
    spec = importlib.util.find_spec(name)
    assert spec is not None and spec.origin is not None
    path = Path(spec.origin)
    return compile(path.read_text("utf-8"), str(path), "exec", dont_inherit=True)


def handlers(code: types.CodeType) -> list[Any]:
    return dis._parse_exception_table(code)  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("name", MODULES)
def test_but_for_the_calls_a_copy_is_what_it_was(name: str) -> None:
    found: list[Made] = []
    made(source_of(name), print, found)
    assert len(found) > 5
    for code, copy, told, owners in found:
        before = [one for one in dis.get_instructions(code) if one.opcode != dis.EXTENDED_ARG]
        now = {one.offset: one for one in dis.get_instructions(copy)}
        assert [one.opname for one in before] == [one.opname for one in told]
        moved = {old.offset: new.offset for old, new in zip(before, told, strict=True)}
        owner = {old: owners[new // 2] for old, new in moved.items()}
        for old, new in zip(before, told, strict=True):
            real = now[new.offset]
            assert (real.opcode, real.positions) == (old.opcode, old.positions)
            if old.opcode in dis.hasjrel:
                assert real.argval == new.argval
                assert owners[real.argval // 2] == owner[beginning(code, old.argval)]
            elif not isinstance(old.argval, types.CodeType):
                assert real.argval == old.argval
            assert owners[new.offset // 2] == (new.offset if new.opname != "PRECALL" else owners[new.offset // 2 + 2])
        ours = now.keys() - {one.offset for one in told}
        names = [now[offset].opname for offset in sorted(ours) if now[offset].opcode != dis.EXTENDED_ARG]
        assert names == ["PUSH_NULL", "LOAD_CONST", "LOAD_CONST", "PRECALL", "CALL", "POP_TOP"] * len(wanted(code))
        given = [now[offset].argval for offset in sorted(ours) if now[offset].opname == "LOAD_CONST"]
        assert given[0::2] == [print] * len(wanted(code))
        assert given[1::2] == sorted(moved[offset] for offset in wanted(code))
        assert len(handlers(code)) == len(handlers(copy))
        for old, new in zip(handlers(code), handlers(copy), strict=True):
            assert (old.depth, old.lasti) == (new.depth, new.lasti)
            assert owners[new.start // 2] == owner[beginning(code, old.start)]
            assert owners[new.target // 2] == owner[beginning(code, old.target)]
            if old.end < len(code.co_code):
                assert owners[new.end // 2] == owner[beginning(code, old.end)]
                assert owners[new.end // 2 - 1] < owners[new.end // 2]
            else:
                assert new.end == len(copy.co_code)
        assert next(code_objects(copy)) is copy and copy.co_stacksize == code.co_stacksize + 3
        assert copy.co_firstlineno == code.co_firstlineno


def beginning(code: types.CodeType, offset: int) -> int:
    """Of the instruction whose argument is extended from there on."""
    while code.co_code[offset] == dis.EXTENDED_ARG:
        offset += 2
    return offset


PROGRAMS = {
    "loops": """
        def f(items):
            found = []
            for number, item in enumerate(items):
                while item > number:
                    item -= 1
                    if item == 3:
                        break
                    if item == 2:
                        continue
                else:
                    found.append(-1)
                found.append(item)
            return found
        told = f([1, 2, 5, 9, 3])
    """,
    "handlers": """
        def f(box, how):
            try:
                try:
                    box[how] += 1
                    return box.missing
                except KeyError as error:
                    return error.args[0]
                finally:
                    box.setdefault("seen", []).append(how)
            except AttributeError:
                return "none"
        box = {"a": 1}
        told = [f(box, "a"), f(box, "b"), box]
    """,
    "with": """
        class Guard:
            def __init__(self, log): self.log = log
            def __enter__(self): self.log.append("in"); return self
            def __exit__(self, *error): self.log.append(error[0] and error[0].__name__); return True
        log = []
        with Guard(log) as guard, Guard(guard.log):
            log.append(guard.log[0])
            raise ValueError(log)
        told = log
    """,
    "generators": """
        def inner(n):
            try:
                got = yield n
                yield got * 2
            finally:
                log.append("closed")
            return n + 1
        def outer(box):
            box["r"] = yield from inner(box["n"])
            yield box["r"]
        log = []
        one = outer({"n": 4})
        told = [next(one), one.send(5), next(one), list(one)]
        two = outer({"n": 4})
        next(two)
        two.close()
        told += log + [x * y for x in range(3) for y in range(3) if x != y]
    """,
    "coroutines": """
        import asyncio
        class Reads:
            def __init__(self): self.at = 0
            def __aiter__(self): return self
            async def __anext__(self):
                self.at += 1
                if self.at > 3: raise StopAsyncIteration
                await asyncio.sleep(0)
                return self.at
            async def __aenter__(self): return self
            async def __aexit__(self, *_): self.at = -1
        async def numbers():
            async with Reads() as reads:
                async for number in reads:
                    yield number
        async def main(): return [n async for n in numbers()] + [(await asyncio.gather(*[asyncio.sleep(0, 7)]))[0]]
        told = asyncio.run(main())
    """,
    "closures": """
        def make():
            count, names = 0, {}
            def add(name, *rest, by=1, **more):
                nonlocal count
                count += by
                names[name] = count
                return [name, *rest, *more.values()]
            def drop():
                nonlocal count
                del count
            return add, names, drop
        add, names, drop = make()
        told = [add("a"), add("b", 2, by=3, c=4), add(*"xy", **{"by": 5}), names]
        drop()
        try: add("z")
        except NameError as error: told.append(str(error))
    """,
    "keywords": """
        def found(*args, **named): return [args, named]
        class Box:
            def method(self, *args, **named): return found(*args, **named)
        def f(box, items):
            return [
                found(items[0], k=items[1]),
                box.method(items[2], k=box.method(items[0], l=items[1]), m=items[0] if items[1] else 3),
                found(items[0], *items[1:], k=items[2], **{"z": items[0]}),
            ]
        told = f(Box(), [1, 2, 3])
    """,
    "classes": """
        class Meta(type):
            def __call__(cls, *args, **kwargs):
                made = super().__call__(*args, **kwargs); made.made = True; return made
        class Base:
            kept = {"k": 1}
            copy = dict(kept, l=kept["k"])
            def __init_subclass__(cls, tag=None): cls.tag = tag
            def hello(self): return "base", self.tag
        class Child(Base, metaclass=Meta, tag="t"):
            def hello(self): return (*super().hello(), __class__.__name__)
            @property
            def value(self): return self.kept["k"]
        told = [Child().hello(), Child().value, Child().made, Base.copy]
    """,
    "matching": """
        def f(thing):
            match thing:
                case {"kind": "point", "at": [x, y]} if x != y: return x, y
                case [first, *rest]: return first, rest
                case str() | bytes(): return len(thing)
                case complex(real=1.0): return "one"
                case _: return None
        told = [f({"kind": "point", "at": [1, 2]}), f([1, 2, 3]), f("abc"), f(1 + 2j), f(3)]
    """,
    "groups": """
        def f(box):
            found = []
            try:
                raise ExceptionGroup("g", [KeyError(box["k"]), ValueError(box["v"]), OSError(box.get("o"))])
            except* KeyError as group:
                found.append(group.exceptions[0].args[0])
            except* (ValueError, TypeError) as group:
                if (many := len(group.exceptions)) and box["v"]:
                    found.append([many, box["v"]])
            except* OSError:
                return_later = found.copy
            return return_later()
        told = f({"k": 1, "v": 2, "o": 3})
    """,
    "slices and more": """
        import string as text, os.path
        a = list(range(20))
        a[2:5] = [0]; del a[0], a[-1]; a[0], a[1] = a[1], a[0]; a[3] **= 2
        b = {**{"x": a[1:3]}, "y": [*a[:2]]}
        assert b["x"] and not b.get("z"), b["none"]
        global g; g = 3; del g
        told = [a, b, f"{a[0]!r:>4} {text.digits[1:3]}", a[0] if a else b, (lambda q=a[1]: q)(), 0 < a[4] < 99 or b]
    """,
    "many": "\n".join([
        "class Box: pass", "box = Box(); box.n = 0", "def f(c):", "    while c.n < 3:",
        *[f"        c.a{n} = c.n + {n}; c.b{n} = [c.a{n}][0]" for n in range(300)],
        "        c.n += 1", "        if c.n == 2: continue", "    return c.b299", "told = [f(box), box.a255, box.n]",
    ]),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_copy_does_what_the_program_does(name: str) -> None:
    code = compile(textwrap.dedent(PROGRAMS[name]), name, "exec", dont_inherit=True)
    heard: list[int] = []
    found: list[Made] = []
    copy = made(code, heard.append, found)
    before: dict[str, Any] = {"__name__": "program"}
    now: dict[str, Any] = {"__name__": "program"}
    exec(code, before)
    for _ in range(12):  # until it has been specialised
        exec(copy, now)
    assert repr(now["told"]) == repr(before["told"])
    assert len(heard) > 10


def test_a_call_comes_before_its_instruction_with_its_offset() -> None:
    code = compile("box.x = box.y + items[0]\nf(a, k=b.z)", "p", "exec")
    order: list[str] = []
    found: list[Made] = []
    copy = made(code, lambda offset: order.append(at[offset]), found)
    at = {one.offset: one.opname for one in found[-1][2]}

    class Box:
        def __getattr__(self, name: str) -> int:
            order.append(f"got {name}")
            return 1

        def __setattr__(self, name: str, value: int) -> None:
            order.append(f"set {name} to {value}")

    names = {"box": Box(), "items": [4], "a": 1, "b": Box(), "f": lambda *_, **__: order.append("called")}
    exec(copy, names)
    assert order == [
        "LOAD_ATTR", "got y", "BINARY_SUBSCR", "STORE_ATTR", "set x to 5", "LOAD_ATTR", "got z", "called",
    ]  # fmt: skip


def test_what_a_call_raises_is_raised_at_its_instruction() -> None:
    text = "def f(box):\n    try:\n        return (1 +\n            box.x)\n    finally:\n        log.append('out')\n"
    code = compile(text, "p", "exec")

    log: list[str] = []
    left = [RuntimeError("here")]

    def call(_: int) -> None:
        if left:
            raise left.pop()

    names: dict[str, Any] = {"log": log}
    exec(made(code, call, []), names)
    with pytest.raises(RuntimeError) as caught:
        names["f"](object())
    assert log == ["out"]
    place = next(one for one in traceback.extract_tb(caught.value.__traceback__) if one.name == "f")
    assert (place.lineno, place.end_lineno, place.colno, place.end_colno) == (4, 4, 12, 17)
