"""Which accesses are worth a point: none that can make a difference is left out."""

from __future__ import annotations

import contextvars
import sys
from typing import TYPE_CHECKING

import pytest

from grader.student.world.relevance import owners

if TYPE_CHECKING:
    from tests.student.world.conftest import Programs

# A program, and how many points a run of it has more than the same one with `pass` instead.
WITHOUT = {
    "call of a method of its own": "box.method()",
    "call of a function of the module": "function()",
    "call of a built-in": "len(values)",
    "method of a string": "word = 'a'; word.upper()",
    "class": "Box",
    "constant of the module": "CONSTANT",
    "module": "math.pi",
    "lock's method, looked up": "lock.acquire",
    "local": "x = 1; x = x + 1",
    "attribute that is bound once to something that never changes": "box.name",
}
WITH = {
    "attribute that is bound again": ("box.changed", 1),
    "attribute that is bound again, written": ("box.changed = 2", 1),
    "both": ("box.changed += 1", 2),
    "attribute that holds a list": ("box.items", 1),
    "item": ("values[0]", 1),
    "item, written": ("values[0] = 1", 1),
    "global that is bound again": ("COUNT", 1),
    "method of a list": ("values.append(1)", 1),
    "method of a dictionary": ("table.get(1)", 1),
    "lock, acquired and released": ("lock.acquire(); lock.release()", 2),
    "lock in a with": ("with lock: pass", 2),
    "queue": ("queue.put(1)", 1),
}

SOURCE = """
import math, threading
from queue import Queue

CONSTANT, COUNT = 1, 0

def function():
    pass

def count():
    global COUNT
    COUNT += 1

class Box:
    name = "box"

    def __init__(self):
        self.changed = 0
        self.items = []

    def method(self):
        pass

    def change(self):
        self.changed = 1

def scenario():
    box, values, table, lock, queue = Box(), [0], {}, threading.Lock(), Queue()
    BODY
"""


def steps(programs: Programs, bodies: list[str]) -> list[int]:
    runs = programs.each(SOURCE.replace("BODY", "\n    ".join(body.split("; "))) for body in bodies)
    assert [run.fault for run in runs] == [("", "")] * len(runs)
    return [run.run.steps for run in runs]


def test_what_cannot_matter_is_no_point(programs: Programs) -> None:
    plain, *others = steps(programs, ["pass", *WITHOUT.values()])
    assert {name: found - plain for name, found in zip(WITHOUT, others, strict=True)} == dict.fromkeys(WITHOUT, 0)


def test_what_can_matter_is_a_point(programs: Programs) -> None:
    plain, *others = steps(programs, ["pass", *(body for body, _ in WITH.values())])
    found = {name: count - plain for name, count in zip(WITH, others, strict=True)}
    assert found == {name: count for name, (_, count) in WITH.items()}


LATE = {
    "a method is replaced": ("box.act()", "box.act = lambda: 'new'"),
    "a class attribute is replaced": ("box.kind", "Box.kind = 'new'"),
    "a method of the class is replaced": ("box.act()", "Box.act = lambda self: 'new'"),
    "a function of the module is replaced": ("act()", "global act; act = lambda: 'new'"),
    "an attribute by setattr": ("box.kind", "setattr(box, 'kind', 'new')"),
    "an attribute by __dict__": ("box.kind", "box.__dict__['kind'] = 'new'"),
    "an attribute by vars": ("box.kind", "vars(box)['kind'] = 'new'"),
    "an attribute by update": ("box.kind", "box.__dict__.update(kind='new')"),
    "a global by globals": ("KIND", "globals()['KIND'] = 'new'"),
    "a global by exec": ("KIND", "exec('KIND = \"new\"', globals())"),
    "a global of the module by setattr": ("KIND", "setattr(sys.modules[__name__], 'KIND', 'new')"),
    "an attribute of another name's object": ("other.kind", "box.kind = 'new'"),
    "a class of an object": ("box.act()", "box.__class__ = New"),
    "an attribute in a sibling's code": ("box.kind", "sibling.change(box)"),
    "a slot": ("slotted.kind", "slotted.kind = 'new'"),
    "a property behind which something changes": ("box.shown", "box.kind = 'new'"),
    "an attribute that is deleted": ("getattr(box, 'mine', 'new')", "del box.mine"),
}

REPLACED = """
import sys, threading, sibling

KIND = "old"

def act():
    return "old"

class Box:
    kind = "old"

    def __init__(self):
        self.mine = "old"

    def act(self):
        return "old"

    @property
    def shown(self):
        return self.kind

class New(Box):
    def act(self):
        return "new"

class Slotted:
    __slots__ = ("kind",)

def scenario():
    global act, box, other, slotted
    box = other = Box()
    slotted = Slotted()
    slotted.kind = "old"

    def change():
        CHANGE

    thread = threading.Thread(target=change)
    thread.start()
    first = READ
    second = READ
    thread.join()
    assert (first, second) != ("old", "new")
"""


@pytest.mark.parametrize("name", LATE)
def test_what_another_thread_replaces_is_seen_at_any_time(programs: Programs, name: str) -> None:
    """Between two reads the other thread may come: the program says that it never does, and is told."""
    read, change = LATE[name]
    source = REPLACED.replace("READ", read).replace("CHANGE", "\n        ".join(change.split("; ")))
    found = programs.explore(source, 200, files={"sibling.py": "def change(box):\n    box.kind = 'new'\n"})
    assert found.kind == "property", found


def test_a_call_is_at_the_same_place_however_the_interpreter_has_specialised_it() -> None:
    seen: dict[int, set[int]] = {}

    def called(*_: object) -> object:
        frame = sys._getframe(1)
        frame = frame.f_back if frame.f_code.co_name == "__len__" else frame
        assert frame is not None
        seen.setdefault(frame.f_lineno, set()).add(owners(frame.f_code)[frame.f_lasti // 2])
        return called

    class Sized:
        def __len__(self) -> int:
            called()
            return 1

    def program() -> None:
        called()
        Sized().__len__()
        len(Sized())
        contextvars.Context().run(called, 1)
        called(*(1, 2))

    for _ in range(100):
        program()
    assert [len(found) for found in seen.values()] == [1] * 5
