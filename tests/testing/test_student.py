"""The student's process as a test sees it: calls, objects, exceptions, threads and death."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from grader.testing import sequences
from grader.testing.outcomes import RuleBroken
from grader.testing.values import Opaque, Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Lab, Labs

PROGRAM = """
import dataclasses
import threading

calls = []

class Counter:
    def __init__(self, start=0):
        if start < 0:
            raise ValueError("below zero")
        self.count = start

    def up(self, by=1):
        self.count += by
        return self.count

    def wait(self, gate):
        gate()
        return self.count

def echo(*args, **kwargs):
    return [args, kwargs]

def noted(value):
    calls.append(value)
    return len(calls)

def fails(message):
    return deeper(message)

def deeper(message):
    raise KeyError(message)

def through(gate, value):
    gate(value)
    return value

def spawn(count, gate):
    threads = [threading.Thread(target=gate) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

def add_to(items, item):
    items.append(item)

def slices(values):
    return [values[0:2], values[2:], values[-1:], len(values)]
"""


LINE = PROGRAM.splitlines().index("    raise KeyError(message)") + 1


@pytest.fixture
def program(lab: Labs) -> Lab:
    return lab(PROGRAM)


# --- calls ---------------------------------------------------------------------------------------


def test_values_go_there_and_back(program: Lab) -> None:
    args = (
        1,
        -(2**70),
        2.5,
        float("inf"),
        "é\U0001f600",
        b"\x00\xff",
        None,
        True,
        [1, [2]],
        (3, (4,)),
        {5},
        frozenset([6]),
    )
    mapping = {"k": 1, 2: (3,), (4, 5): None}
    assert program.student.echo(*args, mapping, key=range(10**12)) == [(*args, mapping), {"key": range(10**12)}]


def test_order_of_a_dict_is_kept(program: Lab) -> None:
    assert list(program.student.echo({"z": 1, "a": 2})[0][0]) == ["z", "a"]


def test_each_test_has_a_process_of_its_own(program: Lab) -> None:
    assert [program.student.noted(number) for number in range(3)] == [1, 2, 3]
    with program.bench.student() as fresh:
        assert fresh.noted(0) == 1


def test_a_call_that_has_begun_is_done_when_it_is_over(program: Lab) -> None:
    gate = program.gate()
    call = program.student.begin("through", gate, 7)
    gate.wait(1)
    assert not call.done
    gate.open()
    assert call.result() == 7 and call.done and call.result() == 7


def test_several_callers_at_once(program: Lab) -> None:
    gate = program.gate()
    calls = [program.student.begin("through", gate, number) for number in range(3)]
    gate.wait(3)
    assert gate.most_at_once == 3
    assert len({arrival.thread for arrival in gate.calls}) == 3
    assert all(arrival.is_caller for arrival in gate.calls)
    by_value = {arrival.args[0]: arrival for arrival in gate.calls}
    gate.release(by_value[1])
    assert calls[1].result() == 1 and not calls[0].done and not calls[2].done
    assert [call.thread for call in calls] == [by_value[number].thread for number in range(3)]
    gate.open()
    assert [call.result() for call in calls] == [0, 1, 2]


def test_the_first_call_runs_on_the_main_thread(lab: Labs) -> None:
    program = lab("""
        import threading

        def run(gate):
            gate()
            return threading.current_thread() is threading.main_thread()
    """)
    gate = program.gate()
    first = program.student.begin("run", gate)
    gate.wait(1)
    second = program.student.begin("run", gate)
    gate.wait(2)
    gate.open()
    assert (first.result(), second.result()) == (True, False)
    assert program.student.run(gate) is True


def test_an_exception_fails_the_test_with_type_message_and_line(program: Lab) -> None:
    with pytest.raises(RuleBroken) as broken:
        program.student.fails("missing")
    reason = f"`fails` raised KeyError: 'missing' (program.py line {LINE}: `raise KeyError(message)`)"
    assert broken.value.reason == reason
    assert broken.value.evidence == {"kind": "exception", "type": "KeyError", "line": LINE}


def test_an_exception_that_is_due(program: Lab) -> None:
    raised = program.student.error("fails", "missing")
    assert raised.is_a(KeyError) and raised.is_a(LookupError) and not raised.is_a(ValueError)
    assert (raised.type_name, raised.message, raised.line) == ("KeyError", "'missing'", LINE)
    with pytest.raises(RuleBroken, match="`noted` returned where it had to raise"):
        program.student.error("noted", 1)


def test_a_class_that_only_has_the_same_name_is_another(lab: Labs) -> None:
    program = lab("class ValueError(Exception):\n    pass\n\ndef run():\n    raise ValueError('mine')\n")
    raised = program.student.error("run")
    assert raised.type_name == "ValueError" and not raised.is_a(ValueError) and raised.is_a(Exception)


def test_a_function_that_is_not_there_is_the_students_fault(program: Lab) -> None:
    with pytest.raises(RuleBroken, match="`absent` raised AttributeError: module 'program' has no attribute 'absent'"):
        program.student.absent()


# --- objects -------------------------------------------------------------------------------------


def test_objects_stay_over_there(program: Lab) -> None:
    counter = program.student.make("Counter", start=5)
    assert counter.type_name == "Counter"
    assert (counter.up(), counter.up(by=10)) == (6, 16)
    gate = program.gate()
    call = counter.begin("wait", gate)
    gate.wait(1)
    assert counter.up() == 17
    gate.open()
    assert call.result() == 17
    assert counter.error("up", "x").is_a(TypeError)
    assert program.student.error("Counter", -1).message == "below zero"
    with pytest.raises(RuleBroken, match="`Counter` raised ValueError: below zero"):
        program.student.make("Counter", -1)


def test_a_kept_value_is_handed_over_and_looked_at(program: Lab) -> None:
    items = program.student.keep([1, 2])
    program.student.add_to(items, 3)
    program.student.add_to(items, (4,))
    assert items.value() == [1, 2, 3, (4,)]


def test_special_sequences_come_back_as_what_they_were_cut_from(program: Lab) -> None:
    for made in (sequences.strict([1, (2,), 3.5]), sequences.vector([1, (2,), 3.5])):
        first, rest, last, length = program.student.slices(made)
        assert (first, rest, last, length) == ([1, (2,)], [3.5], [3.5], 3)
        assert (first.type_name, first.slices, rest.slices) == (made.type_name, [(0, 2)], [(2, 3)])
    first, *_ = program.student.slices(sequences.array("d", [float("inf"), -0.5, 1]))
    assert (first.type_name, first.code, list(first)) == ("array", "d", [float("inf"), -0.5])
    assert program.student.slices(range(10**15))[1] == range(2, 10**15)


STRICT = {
    "values[0]": "no access to single items",
    "values[::2]": "no slices with a step",
    "list(values)": "no iteration",
    "sum(values)": "no iteration",
    "1 in values": "is not iterable",
    "[*values]": "no iteration",
    "values + values": "unsupported operand",
    "values.copy()": "no attribute 'copy'",
    "values[1:][::-1]": "no slices with a step",
}


@pytest.mark.parametrize("expression", STRICT)
def test_a_strict_sequence_can_do_no_more_than_promised(lab: Labs, expression: str) -> None:
    program = lab(f"def run(values):\n    return {expression}\n")
    assert STRICT[expression] in program.student.error("run", sequences.strict([1, 2, 3])).message


@pytest.mark.parametrize("expression", ["if values: pass", "if values == []: pass", "if not values[1:]: pass"])
def test_a_vector_has_no_truth(lab: Labs, expression: str) -> None:
    program = lab(f"def run(values):\n    {expression}\n")
    assert "truth value of an array" in program.student.error("run", sequences.vector([1, 2, 3])).message


def test_a_vector_computes_elementwise(lab: Labs) -> None:
    program = lab("def run(values):\n    return [values + 1, 1 + values, values == 2, sum(values)]\n")
    assert program.student.run(sequences.vector([1, 2])) == [[2, 3], [2, 3], [False, True], 3]


def test_a_dataclass_is_a_record(lab: Labs) -> None:
    program = lab("""
        import dataclasses

        @dataclasses.dataclass
        class Page:
            url: str
            parts: dict

        def run():
            return Page("u", {"b": b"1", "a": ValueError("x")})
    """)
    page = program.student.run()
    assert isinstance(page, Record) and page.type_name == "Page"
    assert (page.url, list(page.parts), page.parts["a"].is_a(ValueError)) == ("u", ["b", "a"], True)
    assert getattr(page, "origin", None) is None and not hasattr(page, "html")
    with pytest.raises(RuleBroken, match="`Page` has no field `html`"):
        _ = page.html


# --- threads ---------------------------------------------------------------------------------------


def test_threads_are_counted_beyond_callers_and_our_own(program: Lab) -> None:
    gate = program.gate()
    assert (program.student.threads, program.student.threads_started) == (0, 0)
    call = program.student.begin("spawn", 3, gate)
    gate.wait(3)
    assert (program.student.threads, program.student.threads_started) == (3, 3)
    second = program.student.begin("spawn", 2, gate)
    gate.wait(5)
    assert (program.student.threads, program.student.threads_started) == (5, 5)
    gate.open()
    call.result(), second.result()
    program.student.wait_threads(0)
    assert (program.student.threads, program.student.threads_started) == (0, 5)


def test_a_caller_is_no_thread_of_the_programs(program: Lab) -> None:
    gate = program.gate()
    calls = [program.student.begin("through", gate, number) for number in range(2)]
    gate.wait(2)
    assert (program.student.threads, program.student.threads_started) == (0, 0)
    gate.open()
    assert [call.result() for call in calls] == [0, 1]


def test_threads_that_never_end_are_told(lab: Labs) -> None:
    program = lab("""
        import threading

        def run():
            threading.Thread(target=work).start()

        def work():
            threading.Event().wait()
    """)
    program.student.run()
    with pytest.raises(RuleBroken, match=r"the process to have 0 threads of its own; it has 1. Your program is stuck"):
        program.student.wait_threads(0)


@pytest.mark.parametrize(
    "start",
    [
        "threading.Thread(target=gate).start()",
        "_thread.start_new_thread(gate, ())",
        "from threading import Thread; Thread(target=gate).start()",
        "concurrent.futures.ThreadPoolExecutor(1).submit(gate)",
        "threading.Timer(0, gate).start()",
    ],
)
def test_threads_are_counted_however_they_are_started(lab: Labs, start: str) -> None:
    program = lab(f"import _thread, concurrent.futures, threading\ndef run(gate):\n    {start}\n    return 1\n")
    gate = program.gate()
    program.student.run(gate)
    gate.wait(1)
    assert (program.student.threads_started, program.student.threads) == (1, 1)


# --- coming to rest --------------------------------------------------------------------------------


def test_settling_waits_for_all_that_can_still_happen(lab: Labs) -> None:
    program = lab("""
        import threading, time

        def run(probe):
            def steps():
                for number in range(30):
                    time.sleep(0.001)
                    probe(number)
            threading.Thread(target=steps).start()
    """)
    probe = program.gate()
    program.student.run(probe)
    for number in range(30):
        program.student.settle()
        assert [arrival.args[0] for arrival in probe.waiting] == [number]
        probe.release()


def test_settling_does_not_wait_for_those_who_poll(lab: Labs) -> None:
    program = lab("""
        import threading, time

        def run(gate):
            stop = []
            def poll():
                while not stop:
                    time.sleep(0.002)
            threading.Thread(target=poll).start()
            gate()
            stop.append(1)
            return "done"
    """)
    gate = program.gate()
    call = program.student.begin("run", gate)
    gate.wait(1)
    program.student.settle()
    assert not call.done
    gate.open()
    assert call.result() == "done"


def test_settling_takes_a_busy_wait_for_a_wait(lab: Labs) -> None:
    program = lab("""
        import threading

        def run(gate):
            come = []
            threading.Thread(target=lambda: come.append(gate())).start()
            while not come:
                pass
            return "done"
    """)
    gate = program.gate()
    call = program.student.begin("run", gate)
    program.student.settle()
    assert len(gate.waiting) == 1 and not call.done
    gate.open()
    assert call.result() == "done"


def test_settling_waits_for_a_computation(lab: Labs) -> None:
    program = lab("""
        import time

        def run(probe):
            for number in range(3):
                end = time.thread_time() + 0.1
                while time.thread_time() < end:
                    pass
                probe(number)
    """)
    probe = program.gate()
    program.student.begin("run", probe)
    for number in range(3):
        program.student.settle()
        assert [arrival.args[0] for arrival in probe.waiting] == [number]
        probe.release()


# --- death ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("os._exit(0)", "ended itself during `run` with exit status 0"),
        ("os._exit(7)", "ended itself during `run` with exit status 7"),
        ("os.kill(os.getpid(), 9)", "ended by SIGKILL during `run`"),
        ("os.abort()", r"ended by SIGABRT during `run` \(program.py line 3: `os.abort\(\)`\)"),
        ("ctypes.string_at(0)", r"ended by SIGSEGV during `run` \(program.py line 3: `ctypes.string_at\(0\)`\)"),
        ("os.execv('/bin/sleep', ['sleep', '99'])", "broke what connects it with the test during `run`"),
        ("os.fork() or signal.pause(); os._exit(0)", "ended itself during `run` with exit status 0"),
        ("os.closerange(3, 2000)", "broke what connects it with the test during `run`"),
        (
            "threading.Thread(target=os._exit, args=(3,)).start(); lock()",
            "ended itself during `run` with exit status 3",
        ),
    ],
)
def test_a_death_is_told_with_its_cause(lab: Labs, body: str, told: str) -> None:
    program = lab(
        f"import ctypes, os, signal, threading\ndef run():\n    {body}\n    return 1\n"
        "def lock():\n    threading.Event().wait()\n"
    )
    with pytest.raises(RuleBroken, match=told):
        program.student.run()


def test_a_death_after_the_last_call_is_seen(lab: Labs) -> None:
    program = lab("import os, threading\ndef run():\n    threading.Timer(0.05, os._exit, [0]).start()\n    return 1\n")
    assert program.student.run() == 1
    with pytest.raises(RuleBroken, match="ended itself with exit status 0"):
        program.student.settle()
        program.student.run()


@pytest.mark.parametrize("line", ["\u00b2", "9" * 5000, "-1", "99999"])
def test_a_forged_crash_report_is_the_students_fault(lab: Labs, line: str) -> None:
    program = lab("""
        import os

        def run(line):
            os.write(2, f'  File "{__file__}", line {line} in run\\n'.encode())
            os.kill(os.getpid(), 9)
    """)
    with pytest.raises(RuleBroken, match="ended by SIGKILL during `run`"):
        program.student.run(line)


# --- hostile values -----------------------------------------------------------------------------------

STRANGE = {
    "deep": "x = []\n    for _ in range(100_000): x = [x]\n    return x",
    "in itself": "x = []; x.append(x)\n    return x",
    "50 MB of bytes": "return bytes(50_000_000)",
    "50 MB of text": "return 'x' * 50_000_000",
    "a list of three million": "return [0] * 3_000_000",
    "a big int": "return 10 ** 100_000",
    "an int of 4400 digits": "return 10 ** 4400",
    "an object that is equal to all": "return type('E', (), {'__eq__': lambda s, o: True, '__hash__': None})()",
    "an int that is equal to all": "return type('E', (int,), {'__eq__': lambda s, o: True, '__hash__': None})(8)",
    "a text that is equal to all": "return type('E', (str,), {'__eq__': lambda s, o: True, '__hash__': None})('8')",
    "a class that lies": "return type('E', (), {'__class__': property(lambda s: 1 / 0)})()",
    "a repr that raises": "return type('E', (), {'__repr__': lambda s: 1 / 0})()",
    "a repr that ends the program": "return type('E', (), {'__repr__': lambda s: exit()})()",
    "a dict with keys that are lists": "return {type('L', (list,), {'__hash__': object.__hash__})(): 1}",
    "a generator": "return (x for x in ())",
    "a module": "import os; return os",
    "the function itself": "return run",
}


@pytest.mark.parametrize("body", STRANGE.values(), ids=[name.replace(" ", "-") for name in STRANGE])
def test_a_strange_value_is_opaque_and_equal_to_nothing(lab: Labs, body: str) -> None:
    value = lab(f"def run():\n    {body}\n").student.run()
    assert isinstance(value, Opaque)
    assert value != value and value not in (8, "8", None) and len(repr(value)) < 400


@pytest.mark.parametrize(
    ("body", "plain"),
    [
        ("return type('L', (list,), {'__iter__': None, '__len__': None})([1])", [1]),
        ("return type('D', (dict,), {'items': None, '__iter__': None})(a=1)", {"a": 1}),
        ("import collections; return collections.namedtuple('P', 'x y')(1, 2)", (1, 2)),
        ("import collections; return collections.Counter('aab')", {"a": 2, "b": 1}),
        ("import enum; return [enum.Enum('E', 'A').A.value]", [1]),
        ("return bytearray(b'ab')", b"ab"),
    ],
)
def test_a_subclass_of_a_container_is_what_it_holds(lab: Labs, body: str, plain: Any) -> None:
    value = lab(f"def run():\n    {body}\n").student.run()
    assert value == plain and type(value) is type(plain)


RAISED = {
    "str raises": (
        "type('E', (Exception,), {'__str__': lambda s: 1 / 0})()",
        "E",
        "<str() of it raised ZeroDivisionError>",
    ),
    "str exits": ("type('E', (Exception,), {'__str__': lambda s: exit()})()", "E", "<str() of it raised SystemExit>"),
    "no str": ("type('E', (Exception,), {'__str__': lambda s: 3})()", "E", "<str() of it raised TypeError>"),
    "half a character": (r"ValueError('\ud800')", "ValueError", r"\ud800"),
    "a long message": ("ValueError('x' * 5_000_000)", "ValueError", "x" * 2000),
    "a long name": ("type('N' * 5_000, (Exception,), {})()", "N" * 200, ""),
    "a name of two lines": (r"type('A\nB', (Exception,), {})()", "A B", ""),
    "a traceback that is none": ("type('E', (Exception,), {'__traceback__': 5})('x')", "E", "x"),
    "a class that lies": ("type('E', (Exception,), {'__class__': property(lambda s: 1 / 0)})('x')", "E", "x"),
    "a BaseException": ("type('Stop', (BaseException,), {})('x')", "Stop", "x"),
    "a group": ("ExceptionGroup('several', [ValueError(1)])", "ExceptionGroup", "several (1 sub-exception)"),
    "a syntax error by hand": ("SyntaxError('odd')", "SyntaxError", "odd"),
}


@pytest.mark.parametrize("name", RAISED, ids=[name.replace(" ", "-") for name in RAISED])
def test_a_strange_exception_is_told(lab: Labs, name: str) -> None:
    expression, type_name, message = RAISED[name]
    raised = lab(f"def run():\n    raise {expression}\n").student.error("run")
    assert (raised.type_name, raised.message, raised.line) == (type_name, message, 2)


def test_a_metaclass_cannot_lie_about_a_name(lab: Labs) -> None:
    program = lab("""
        class Meta(type):
            @property
            def __name__(cls):
                raise ValueError("no name")

            def __getattribute__(cls, name):
                raise OSError("no attributes")

        class Odd(Exception, metaclass=Meta):
            pass

        def run(how):
            if how == "return":
                return Odd()
            raise Odd("x")
    """)
    assert program.student.run("return").type_name == "Odd"
    assert program.student.error("run", "raise").type_name == "Odd"


def test_code_without_a_file_is_told_by_its_caller(lab: Labs) -> None:
    program = lab(r"""
        def run(name, times):
            exec(compile("def inner():\n    raise ValueError('inside')\n", name * times, "exec"), globals())
            return inner()
    """)
    for name, times in (("<string>", 1), ("x", 2_000_000), ("\udc80", 1)):
        raised = program.student.error("run", name, times)
        assert (raised.line, raised.message) == (4, "inside")


def test_pools_of_threads_of_multiprocessing_work_and_leave_nothing(
    labs_in: Callable[..., Labs], reachable: Path
) -> None:
    source = """
        import os
        from multiprocessing.pool import ThreadPool

        def run():
            open("/dev/shm/left", "w").close()
            with ThreadPool(2) as pool:
                return sum(pool.map(abs, [-1, -2, -3]))

        def found():
            return os.listdir("/dev/shm")
    """
    labs = labs_in(reachable, "jail")
    first = labs(source)
    assert first.student.run() == 6
    first.student.end()
    assert labs(source).student.found() == []
