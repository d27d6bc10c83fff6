"""Yield points: which instructions are one, and that none is lost."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from grader.student.world.points import accesses, code_objects
from grader.student.world.strategies import Replay

if TYPE_CHECKING:
    from tests.student.world.conftest import Programs

ACCESSES = {
    "box.x": ["reads attribute x"],
    "box.x = 1": ["writes attribute x"],
    "box.x += 1": ["reads attribute x", "writes attribute x"],
    "del box.x": ["deletes attribute x"],
    "box[0]": ["reads item "],
    "box[0] = 1": ["writes item "],
    "box[0] += 1": ["reads item ", "writes item "],
    "del box[0]": ["deletes item "],
    "box[1:2]": ["reads item "],
    "box[1:2] = []": ["writes item "],
    "box.run()": ["reads attribute run"],
    "box.a.b": ["reads attribute a", "reads attribute b"],
    "local = 1; local += 1; local": [],
    "for each in box: pass": [],
    "len(box)": ["reads global len"],
    "TOTAL": ["reads global TOTAL"],
    "global TOTAL; TOTAL += 1": ["reads global TOTAL", "writes global TOTAL"],
    "global TOTAL; del TOTAL": ["deletes global TOTAL"],
    "f'{box.x}'": ["reads attribute x"],
    "box.x, local = 1, 2": ["writes attribute x"],
    "with box.x as y: pass": ["reads attribute x"],
    "[each.x for each in ()]": ["reads attribute x"],
    "list(map(box.append, local))": [
        *("reads global list", "reads global map", "reads attribute append", "calls call ", "calls call "),
    ],
    "print(box.pop())": ["reads global print", "reads attribute pop"],
}


@pytest.mark.parametrize("text", ACCESSES)
def test_accesses_are_found(text: str) -> None:
    inner = "\n    ".join(text.split("; "))
    code = compile(f"def f(box, local):\n    {inner}\n", "f.py", "exec")
    found = []
    for each in code_objects(code):
        if each.co_name != "<module>":
            found += [f"{access.kind} {access.what} {access.name}" for access in accesses(each).values()]
    assert found == ACCESSES[text]


def test_closures_are_accesses() -> None:
    code = compile(
        "def f():\n    n = 0\n    def g():\n        nonlocal n\n        n += 1\n    return g\n", "f.py", "exec"
    )
    (inner,) = [each for each in code_objects(code) if each.co_name == "g"]
    assert [str(access.kind + access.what) for access in accesses(inner).values()] == ["readsclosure", "writesclosure"]


LOST = {
    "attribute": ("class Box: x = 0\nbox = Box()", "box.x += 1", "box.x"),
    "item of a list": ("box = [0]", "box[0] += 1", "box[0]"),
    "item of a dictionary": ("box = {'k': 0}", "box['k'] = box['k'] + 1", "box['k']"),
    "item of a dictionary with get": ("box = {}", "box['k'] = box.get('k', 0) + 1", "box['k']"),
    "global": ("total = 0", "global total; total += 1", "total"),
    "class attribute": ("class Box: x = 0", "Box.x += 1", "Box.x"),
    "slot": ("class Box:\n    __slots__ = ('x',)\nbox = Box(); box.x = 0", "box.x += 1", "box.x"),
    "property": (
        (
            "class Box:\n    _x = 0\n    @property\n    def x(self): return self._x\n"
            "    @x.setter\n    def x(self, v): self._x = v\nbox = Box()"
        ),
        "box.x += 1",
        "box.x",
    ),
    "setattr, in two lines": ("class Box: x = 0\nbox = Box()", "n = box.x; setattr(box, 'x', n + 1)", "box.x"),
    "dict of an object": ("class Box: x = 0\nbox = Box(); box.x = 0", "box.__dict__['x'] += 1", "box.x"),
    "globals()": ("total = 0", "globals()['total'] += 1", "total"),
    "dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass Box:\n    x: int = 0\nbox = Box()",
        "box.x += 1",
        "box.x",
    ),
    "method": (
        "class Box:\n    x = 0\n    def add(self): self.x += 1\nbox = Box()",
        "box.add()",
        "box.x",
    ),
    "list and its length": ("box = []", "n = len(box); box[n:] = [n]", "len(set(box))"),
    "module of its own": ("import sys\nme = sys.modules[__name__]\nme.total = 0", "me.total += 1", "me.total"),
    "tuple in a dictionary": ("box = {'k': (0,)}", "box['k'] = (*box['k'], 1)", "len(box['k']) - 1"),
    "string": ("box = {'s': ''}", "box['s'] += 'x'", "len(box['s'])"),
    "walrus": ("class Box: x = 0\nbox = Box()", "box.x = (n := box.x) + 1", "box.x"),
    "defaultdict": ("from collections import defaultdict\nbox = defaultdict(int)", "box['k'] += 1", "box['k']"),
    "Counter": ("from collections import Counter\nbox = Counter()", "box['k'] += 1", "box['k']"),
    "subclass of dict": ("class Box(dict): pass\nbox = Box(k=0)", "box['k'] += 1", "box['k']"),
    "in a generator": (
        "class Box: x = 0\nbox = Box()\ndef steps():\n    n = box.x\n    yield\n    box.x = n + 1\n    yield",
        "list(steps())",
        "box.x",
    ),
    "in a decorator": (
        (
            "class Box: x = 0\nbox = Box()\nimport functools\ndef twice(f):\n    @functools.wraps(f)\n"
            "    def g(): return f()\n    return g\n@twice\ndef add(): box.x += 1"
        ),
        "add()",
        "box.x",
    ),
    "descriptor": (
        (
            "class D:\n    def __get__(self, o, k=None): return o.__dict__.get('v', 0)\n"
            "    def __set__(self, o, v): o.__dict__['v'] = v\nclass Box: x = D()\nbox = Box()"
        ),
        "box.x += 1",
        "box.x",
    ),
    "__getattr__": (
        (
            "class Box:\n    def __init__(self): self.__dict__['d'] = {'x': 0}\n"
            "    def __getattr__(self, name): return self.d[name]\n"
            "    def __setattr__(self, name, v): self.d[name] = v\nbox = Box()"
        ),
        "box.x += 1",
        "box.x",
    ),
    "text that defines a function": ("box = [0]\nexec('def add():\\n    box[0] += 1\\n')", "add()", "box[0]"),
    "text that is a function": ("box = [0]\nadd = eval(' lambda: box.__setitem__(0, box[0] + 1)')", "add()", "box[0]"),
    "text that is executed": ("total = 0", "exec('total += 1', globals())", "total"),
    "text that is compiled": (
        "total = 0\ncode = compile('total += 1', 'text', 'exec')",
        "exec(code, globals())",
        "total",
    ),
    "text that has a value": ("box = [0]", "box[0] = eval('box[0] + 1')", "box[0]"),
    "tree that is compiled": (
        "import ast\ntotal = 0\ncode = compile(ast.parse('total += 1'), 'text', 'exec')",
        "exec(code, globals())",
        "total",
    ),
    "operator.setitem": ("import operator\nbox = [0]", "operator.setitem(box, 0, box[0] + 1)", "box[0]"),
    "operator.setitem, by its name": (
        "from operator import setitem\nbox = [0]",
        "setitem(box, 0, box[0] + 1)",
        "box[0]",
    ),
    "operator.setitem, in two lines": (
        "import operator\nbox = [0]",
        "here = box; n = here[0]; operator.setitem(here, 0, n + 1)",
        "box[0]",
    ),
    "heapq": ("import heapq\nbox = []", "heapq.heappush(box, len(box))", "len(set(box))"),
    "bisect": ("import bisect\nbox = []", "bisect.insort(box, len(box))", "len(set(box))"),
    "method of the type": ("box = [0]", "list.__setitem__(box, 0, box[0] + 1)", "box[0]"),
    "method of the type, in two lines": (
        "box = [0]",
        "here = box; n = here[0]; list.__setitem__(here, 0, n + 1)",
        "box[0]",
    ),
    "method of the type that appends": ("box = []", "list.append(box, len(box))", "len(set(box))"),
    "method of object": (
        "class Box: x = 0\nbox = Box(); box.x = 0",
        "object.__setattr__(box, 'x', object.__getattribute__(box, 'x') + 1)",
        "box.x",
    ),
    "method of its class": ("class Box: x = 0\nbox = Box()", "Box.__setattr__(box, 'x', box.x + 1)", "box.x"),
    "vars and update": ("class Box: x = 0\nbox = Box(); box.x = 0", "vars(box).update(x=box.x + 1)", "box.x"),
    "dict of an object and update": (
        "class Box: x = 0\nbox = Box(); box.x = 0",
        "box.__dict__.update(x=box.x + 1)",
        "box.x",
    ),
    "list in a dictionary": ("box = {'k': []}", "box['k'].append(len(box['k']))", "len(set(box['k']))"),
    "method handed to map": (
        "class Box: x = 0\nbox = Box()",
        "list(map(box.__setattr__, ['x'], [box.x + 1]))",
        "box.x",
    ),
    "method handed to partial": (
        "import functools\nclass Box: x = 0\nbox = Box()",
        "functools.partial(Box.__setattr__, box, 'x')(box.x + 1)",
        "box.x",
    ),
    "method of a list handed to map": ("box = []", "any(map(box.append, [len(box)]))", "len(set(box))"),
    "operator.iadd": ("import operator\nbox = [0]", "box[0] = operator.add(box[0], 1)", "box[0]"),
    "class method": ("class Box:\n    x = 0\n    @classmethod\n    def add(cls): cls.x += 1", "Box.add()", "Box.x"),
    "super": (
        "class A:\n    x = 0\n    def add(self): self.x += 1\nclass B(A):\n    def add(self): super().add()\nbox = B()",
        "box.add()",
        "box.x",
    ),
}


@pytest.mark.parametrize("kind", LOST)
def test_a_lost_update_is_found(programs: Programs, kind: str) -> None:
    setup, update, result = LOST[kind]
    inner = "\n    ".join(update.split("; "))
    found = programs.explore(
        f"""{setup}
import threading

def update():
    {inner}

def scenario():
    threads = [threading.Thread(target=update) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {result} == 2, {result}
"""
    )
    assert found.kind == "property" and found.schedules <= 60, found


def test_a_lost_update_of_a_closure_is_found(programs: Programs) -> None:
    found = programs.explore("""
        import threading

        def scenario():
            total = 0

            def update():
                nonlocal total
                total += 1

            threads = [threading.Thread(target=update) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert total == 2
    """)
    assert found.kind == "property", found


@pytest.mark.parametrize("kind", LOST)
def test_the_same_under_a_lock_is_right(programs: Programs, kind: str) -> None:
    setup, update, result = LOST[kind]
    inner = "\n        ".join(update.split("; "))
    found = programs.explore(
        f"""{setup}
import threading
LOCK = threading.Lock()

def update():
    with LOCK:
        {inner}

def scenario():
    threads = [threading.Thread(target=update) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {result} == 2, {result}
""",
        60,
    )
    assert found.kind in ("complete", "not found"), found


def test_atomic_operations_are_atomic(programs: Programs) -> None:
    """One call of a method of a built-in type is done without a break, as with the GIL."""
    found = programs.explore("""
        import threading
        from collections import deque

        def work():
            a.append(1)
            b.append(1)
            c.setdefault("k", []).append(1)
            d.add(threading.get_ident())

        def scenario():
            global a, b, c, d
            a, b, c, d = [], deque(), {}, set()
            threads = [threading.Thread(target=work) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert [len(a), len(b), len(c["k"]), len(d)] == [2, 2, 2, 2]
    """)
    assert found.kind in ("complete", "not found"), found


def test_points_are_where_they_were_after_many_runs(programs: Programs) -> None:
    """Whatever calls back is there in each run, however the runs before it have ended."""
    source = """
        import threading

        class Box:
            value = 0

        def spin(box):
            while True:
                box.value += 1

        def scenario():
            box = Box()
            for _ in range(2):
                threading.Thread(target=spin, args=(box,), daemon=True).start()
            for _ in range(20):
                box.value += 1
    """
    runs = programs.under(source, ["lockstep:3:0"] * 10)
    assert len({(seen.run.steps, len(seen.run.switches)) for seen in runs}) == 1
    assert runs[0].run.steps > 100


def test_a_trace_function_of_others_is_left_alone(programs: Programs) -> None:
    def trace(*_: object) -> None:
        return None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        programs.explore(LOST["attribute"][0] + "\ndef scenario():\n    box.x += 1\n", 5)
        assert sys.gettrace() is trace
    finally:
        sys.settrace(before)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="from 3.12 on")
def test_tools_of_monitoring_are_given_back(programs: Programs) -> None:
    monitoring = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
    before = [monitoring.get_tool(tool) for tool in range(6)]
    programs.explore("def scenario():\n    pass\n", 5)
    assert [monitoring.get_tool(tool) for tool in range(6)] == before


@pytest.mark.skipif(sys.version_info < (3, 12), reason="from 3.12 on")
@pytest.mark.parametrize(
    "line",
    [
        "sys.monitoring.register_callback(4, sys.monitoring.events.INSTRUCTION, None)",
        "sys.monitoring.set_local_events(4, scenario.__code__, 0)",
        "from sys import monitoring; monitoring.free_tool_id(4)",
        "sys.monitoring.restart_events",
    ],
)
def test_a_program_does_not_get_at_what_watches_it(programs: Programs, line: str) -> None:
    body = "\n    ".join(line.split("; "))
    found = programs.explore(f"import sys\n\ndef scenario():\n    {body}\n", 5)
    assert (found.kind, "sys.monitoring" in found.message) == ("inconclusive", True), found


def test_code_that_was_watched_goes_on_when_nobody_watches(programs: Programs) -> None:
    source = """
        class Box:
            x = 0

        def add(box):
            for _ in range(3):
                box.x += 1
            return box.x

        def scenario():
            add(Box())
            see(add)
            see(Box)
    """
    with programs.opened(source, {}) as (world, body, values):
        assert world.run(body, Replay(), 1_000).errors == []
    assert values[0](values[1]()) == 3
