"""Whatever is handed in, and whatever a course says: a clear verdict, never a traceback of ours, never a hang.

All through the command line, on a miniature course. The submissions that break one exercise each are graded
together, one grading for each tier: none of them may touch the next one's verdicts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Course, Graded

GRADED, UNTESTABLE, NOT_STARTED = "graded", "cannot be tested", "not started"
FINE = """
import threading

def call(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]

def double(number, work):
    return call(number, work)
"""
FORGER = """
import json, os, struct

def send(**fields):
    data = json.dumps(fields).encode()
    wire = max(fd for fd in range(800, 1024) if os.path.exists(f"/proc/self/fd/{fd}"))
    os.write(wire, struct.pack(">I", len(data)) + data)
"""


@dataclass(frozen=True)
class Bad:
    """A submission, and what must come out."""

    source: str
    reason: str
    """Found in the reason of each test that failed, as a regular expression; FILE is the file's name."""
    status: str = GRADED
    passed: int = 0
    """How many of the three tests pass."""


def in_call(body: str, reason: str, **fields: Any) -> Bad:
    """Something bad in `double`; `FILE:LINE` in the reason stands for the line of the body's last statement."""
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    return Bad(
        f"import ctypes, os, signal, sys, threading, time\n\ndef double(number, work):\n{lines}", reason, **fields
    )


def at_import(line: str, reason: str) -> Bad:
    """Something bad on line 3 of the module."""
    return Bad(f"import os, signal, sys, threading, time\n\n{line}\n{FINE}", reason, UNTESTABLE)


STUCK = "Your program is stuck: every thread of it waits"
CASES = {
    # --- the import ---
    "import_raises": at_import(
        "raise RuntimeError('broken')", r"^FILE cannot be imported: RuntimeError: broken \(FILE line 3: "
    ),
    "import_of_what_is_not_there": at_import("import numpyy", "FILE line 3: .*only the standard library is there"),
    "import_blocks": at_import(
        "lock = threading.Lock(); lock.acquire(); lock.acquire()", f"{STUCK}.*\n.*FILE line 3, in <module>"
    ),
    "import_loops": at_import(
        "while True: pass", r"computes without end: .*\n.*FILE line 3, in <module>: `while True: pass`"
    ),
    "import_polls": at_import("while True: time.sleep(0.002)", r"only sleeps and polls.*\n.*FILE line 3"),
    "import_asks": at_import(
        "name = input('name? ')", r"^FILE asks for keyboard input with `input\(\)` while it is imported \(FILE line 3"
    ),
    "import_prints": at_import("while True: print('x' * 999)", "prints without end"),
    "import_exits": at_import(
        "sys.exit(0)", r"^FILE calls `sys.exit\(\)` while it is imported \(FILE line 3: `sys.exit\(0\)`\)"
    ),
    "import_leaves": at_import("os._exit(0)", r"ended itself during `import NAME` with exit status 0"),
    "import_dies": at_import("os.kill(os.getpid(), signal.SIGKILL)", "ended by SIGKILL during `import NAME`"),
    "syntax": Bad(
        "x = 1\ndef double(number, work)\n    return 1\n",
        r"^FILE line 2: SyntaxError: expected ':'\n    def double\(number, work\)\n {28}\^$",
        UNTESTABLE,
    ),
    "indentation": Bad(
        "def double(number, work):\nreturn 1\n",
        r"^FILE line 2: IndentationError: expected an indented block",
        UNTESTABLE,
    ),
    # --- the name ---
    "near_miss": Bad(
        "def duoble(number, work): return 1\n", r"^FILE defines no `double`; did you mean `duoble`\?$", UNTESTABLE
    ),
    "no_name": Bad("x = 1\n", r"^FILE defines no `double`$", UNTESTABLE),
    "not_callable": Bad("double = 4\n", "^`double` is not a function but a value of type `int`$", UNTESTABLE),
    "a_class": Bad("class double: pass\n", "^`double` must be a function; it is a class$", UNTESTABLE),
    "coroutine": Bad("async def double(number, work): return 1\n", "declared with `async def`", UNTESTABLE),
    "generator": Bad("def double(number, work):\n    yield 1\n", "contains `yield`", UNTESTABLE),
    "wrong_arguments": Bad(
        "def double(number): return 1\n",
        r"`double` raised TypeError: double\(\) takes 1 positional argument but 2 were given",
    ),
    # --- the call ---
    "wrong_type": in_call("return str(2 * number)", "did not give|was not twice|was not called once"),
    "nothing_returned": in_call("work(number)", "did not give|was not twice|was not called once"),
    "asks": in_call(
        "return input()", r"^`double` asks for keyboard input with `input\(\)` \(FILE line 4: .*nobody to type"
    ),
    "prints": in_call("while True: print('x' * 999)", "prints without end"),
    "crash": in_call(
        "ctypes.string_at(0)", r"ended by SIGSEGV during `double` \(FILE line 4: `ctypes.string_at\(0\)`\)"
    ),
    "recursion_in_c": in_call(
        "sys.setrecursionlimit(10 ** 9)\nloop = type('L', (), {'__repr__': lambda self: repr(self)})()\nrepr(loop)",
        "ended by SIGSEGV during `double`",
    ),
    "recursion": in_call("return double(number, work)", r"raised RecursionError: .* \(FILE line 4"),
    "deadlock": in_call(
        "lock = threading.Lock()\nlock.acquire()\nlock.acquire()", f"{STUCK}.*\n.*FILE line 6, in double: `lock.acquire"
    ),
    "loop": in_call("while True: pass", r"computes without end: .*\n.*FILE line 4, in double"),
    "loop_that_keeps_the_interpreter": in_call("return len(str(7 ** (3 * 10 ** 6)))", "computes without end"),
    "polls": in_call("while True: time.sleep(0.002)", r"only sleeps and polls.*\n.*FILE line 4"),
    "exits": in_call("sys.exit(3)", r"^`double` ended the program with `sys.exit\(\)` \(FILE line 4"),
    "leaves": in_call("os._exit(0)", "ended itself during `double` with exit status 0 before it answered"),
    "dies": in_call("os.kill(os.getpid(), signal.SIGKILL)", "ended by SIGKILL during `double`"),
    "stops": in_call("os.kill(os.getpid(), signal.SIGSTOP)", STUCK),
    "becomes_another": in_call(
        "os.execv('/bin/sleep', ['sleep', '999'])", "broke what connects it with the test during `double`"
    ),
    "closes_all": in_call("os.closerange(3, 2000)\nreturn 4", "broke what connects it with the test during `double`"),
    "base_exception": in_call(
        "raise type('Stop', (BaseException,), {})('now')", r"^`double` raised Stop: now \(FILE line 4"
    ),
    "interrupt": in_call("raise KeyboardInterrupt", r"^`double` raised KeyboardInterrupt \(FILE line 4"),
    "str_raises": in_call(
        "raise type('Odd', (Exception,), {'__str__': lambda self: 1 / 0})",
        r"^`double` raised Odd: <str\(\) of it raised ZeroDivisionError> \(FILE line 4",
    ),
    "memory": in_call(
        "block = bytearray(400 << 20)\nfor at in range(0, len(block), 4096): block[at] = 1\nwork(1)",
        "uses more than 200 MiB",
    ),
    "many_threads": in_call(
        "wait = threading.Event().wait\nfor _ in range(300): threading.Thread(target=wait).start()\nwait()",
        "can't start new thread|more than 100",
    ),
    "calls_without_end": in_call("while True: work(number)", "without end"),
    # --- strange values ---
    "deep": in_call(
        "value = []\nfor _ in range(100_000): value = [value]\nreturn value",
        "did not give|was not twice|was not called once",
    ),
    "huge": in_call("return bytes(50_000_000)", "did not give|was not twice|was not called once"),
    "equal_to_all": in_call(
        "return type('E', (), {'__eq__': lambda *_: True})()", "did not give|was not twice|was not called once"
    ),
    "no_number": in_call("return float('nan')", "did not give|was not twice|was not called once"),
    "halves": in_call(r"return '\ud800'", "did not give|was not twice|was not called once"),
    "halves_raised": in_call(r"raise ValueError('\ud800\x1b]52;c;x\x07')", r"raised ValueError: \\ud800"),
    "list_of_its_own": in_call("return type('L', (list,), {})([1])", "did not give|was not twice|was not called once"),
    # --- frames of its own ---
    "forged_garbage": Bad(
        FORGER + "def double(number, work):\n    os.write(max(fd for fd in range(800, 1024) if "
        "os.path.exists(f'/proc/self/fd/{fd}')), b'\\xff' * 9)\n    return 1\n",
        "no frame of the protocol",
    ),
    "forged_import": Bad(
        FORGER + "send(type='returned', id=1, value=5)\n" + FINE, "no frame of the protocol", UNTESTABLE
    ),
    "forged_crash": in_call(
        r"""os.write(2, f'  File "{__file__}", line \u00b2 in f\n'.encode())""" + "\nos.kill(os.getpid(), 9)",
        "ended by SIGKILL during `double`",
    ),
    "forged_names": Bad(
        FORGER + "send(type='returned', id=1, value=[{'t': 'dict', 'v': [['name', {'t': 'str', 'v': '7aCA'}], ['seen', "
        "'x'], ['fault', 'async']]}])\n" + FINE,
        "no frame of the protocol|async",
        UNTESTABLE,
    ),
    # --- not bad at all: the honest score ---
    "fine": Bad(FINE, "", passed=3),
    "no_thread": Bad("def double(number, work):\n    return 2 * work(number)\n", "in another thread", passed=2),
    "thread_replaced": Bad(
        FINE + "threading.Thread = type('T', (), {'__init__': lambda s, target: setattr(s, 't', target), 'start': "
        "lambda s: s.t(), 'join': lambda s: None})\n",
        "in another thread",
        passed=2,
    ),
    "thread_taken_away": Bad(
        "import threading as t\n" + FINE + "class threading:\n    Thread = t.Thread\nt.Thread = None\n", "", passed=3
    ),
    "builtins_replaced": Bad(
        FINE + "import builtins\nbuiltins.len = lambda _: 0\n", "no frame of the protocol", UNTESTABLE
    ),
    "builtins_gone": Bad(FINE + "import builtins\nbuiltins.__dict__.clear()\n", "replaced builtins", UNTESTABLE),
    "daemons_left": Bad(
        FINE
        + "import time\nfor _ in range(5): threading.Thread(target=time.sleep, args=(999,), daemon=True).start()\n",
        "",
        passed=3,
    ),
    "threads_left": Bad(
        FINE + "import time\nfor _ in range(5): threading.Thread(target=time.sleep, args=(999,)).start()\n",
        "",
        passed=3,
    ),
    "thread_left_computing": Bad(
        FINE + "threading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()\n", "", passed=3
    ),
    "children_left": Bad(
        FINE + "import subprocess\nsubprocess.Popen(['sleep', '98766.5'], start_new_session=True)\n", "", passed=3
    ),
    "output_of_others": Bad(
        FINE + r"print('\x1b]52;c;x\x07 ::error::x 100 passed'); import os; os.write(1, b'\xff')" + "\n", "", passed=3
    ),
    "stub": Bad("", "is still the stub", NOT_STARTED),
}


@pytest.fixture(scope="module")
def gradings(
    make_course: Callable[..., Course], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Graded]]:
    """One grading of all cases for each tier."""
    done: dict[str, Graded] = {}
    course = make_course(tmp_path_factory.mktemp("bad") / "course", tuple(CASES))
    for name, case in CASES.items():
        if "without end" not in case.reason:  # a slow machine may need more CPU to come to its end
            rubric = course.root / "exercises" / name / "exercise.yaml"
            rubric.write_text(rubric.read_text().replace("cpu_seconds: 0.3", "cpu_seconds: 5"))
    stub = (course.root / "exercises" / "stub" / "stub.py").read_text()
    submission = course.submit({f"{name}/{name}.py": case.source or stub for name, case in CASES.items()})

    def at(tier: str) -> Graded:
        if tier not in done:
            done[tier] = course.run("run", submission, "--json", "-", "--tier", tier, seconds=150)
        return done[tier]

    yield at


@pytest.mark.parametrize("name", CASES)
def test_each_bad_submission_gets_its_own_verdicts(gradings: Callable[[str], Graded], tier: str, name: str) -> None:
    case, exercise = CASES[name], gradings(tier).exercise(name)
    told = {test["name"]: (test["verdict"], test["reason"]) for test in exercise["tests"]}
    assert exercise["status"] == case.status, told
    assert [verdict for verdict, _ in told.values()].count("passed") == case.passed, told
    pattern = case.reason.replace("FILE", re.escape(f"{name}.py")).replace("NAME", name)
    for verdict, reason in told.values():
        assert verdict == "passed" or (verdict == "failed" and re.search(pattern, reason)), told
        assert "Traceback" not in reason and len(reason) < 2_500
        assert not re.search(r"[\ud800-\udfff]", reason)
    if case.status != GRADED:
        assert re.search(pattern, exercise["reason"])
    if case.passed == 3:
        assert exercise["score"] == exercise["max_score"] == 4


def test_all_of_them_are_graded_and_nothing_is_left(
    gradings: Callable[[str], Graded], tier: str, processes_with: Callable[[str], list[int]]
) -> None:
    graded = gradings(tier)  # which has seen to it that no file and no process of the jail is left
    assert (graded.status, graded.errors) == (0, "")
    assert graded.result["inconclusive"] == 0
    assert graded.result["environment"]["tier"] == tier
    assert processes_with("98766.5") == []


@pytest.mark.parametrize("tier_name", ["jail"])
def test_a_fork_bomb_is_held_by_the_jail(course: Course, tier_name: str) -> None:
    graded = course.grade(
        "import os\ndef double(number, work):\n    while True:\n        os.fork()\n", "--tier", tier_name
    )
    assert {test["verdict"] for test in graded.exercise()["tests"]} == {"failed"}
    assert graded.status == 0 and graded.result["inconclusive"] == 0


# --- the submission's files ------------------------------------------------------------------------------


def test_no_file_at_all(course: Course) -> None:
    folder = course.submit({"notes.txt": "nothing yet"})
    graded = course.run(folder)
    assert graded.status == 0 and graded.errors == ""
    assert re.search(r"cannot be tested: no double(/double)?\.py found", " ".join(graded.output.split()))
    assert "Score 0 / 4" in graded.output


@pytest.mark.parametrize("name", ["duoble.py", "Double.py", "double.txt", "double (1).py", "double/duoble.py"])
def test_a_wrong_file_name_is_told_with_the_one_expected(course: Course, name: str) -> None:
    graded = course.run(course.submit({name: FINE}), "--json", "-")
    reason = graded.exercise()["reason"]
    assert "double.py" in reason and Path(name).name in reason and "rename it" in reason
    assert (graded.status, graded.exercise()["status"], graded.result["score"]) == (0, UNTESTABLE, 0)


def test_a_path_that_is_not_there_is_wrong_usage(course: Course) -> None:
    graded = course.run(course.root / "nowhere")
    assert (graded.status, graded.output) == (2, "")
    assert graded.errors.startswith("grade: ") and "does not exist" in graded.errors and graded.errors.count("\n") == 1


def test_a_stub_is_told_once_and_not_run(course: Course) -> None:
    graded = course.run(course.root / "exercises")
    assert graded.status == 0
    assert graded.output.count("not started") == 1 and "NotImplementedError" not in graded.output
    assert len(graded.output.splitlines()) < 10 and "Score 0 / 4" in graded.output


def test_a_report_for_a_reader_holds_no_control_characters(course: Course) -> None:
    source = r"def double(number, work):" + "\n    " + r"raise ValueError('\x1b]52;c;x\x07\u202e ::error::x')" + "\n"
    graded = course.run(course.submit({"double.py": source}))
    assert graded.status == 0 and "raised ValueError" in graded.output
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", graded.output)


# --- the course ----------------------------------------------------------------------------------------------


def test_a_folder_without_a_course_is_wrong_usage(package_alone: Callable[..., Graded]) -> None:
    graded = package_alone()
    assert (graded.status, graded.output) == (2, "")
    assert (
        graded.errors
        == "grade: no course.yaml here or in a folder above; go to the course's folder, or give --course DIR\n"
    )


BROKEN_COURSES = {
    "an unknown key": (
        ("title: Twice", "title: Twice\nlimts: {files: 9}"),
        r'exercises/double/exercise\.yaml:3: .*"limts".*did you mean "limits"\?',
    ),
    "an unknown limit": (
        ("memory_mib: 200", "memory_mb: 200"),
        r'exercises/double/exercise\.yaml:5: .*memory_mb.*did you mean "memory_mib"\?',
    ),
    "a test that does not exist": (
        ("test_twice: 1", "test_thrice: 1"),
        r'exercises/double/exercise\.yaml:1\d: .*test_thrice" lists a test that no .*; did you mean "test_twice"\?',
    ),
    "points of tests": (
        ("test_work_has_its_own_thread: 2", "test_work_has_its_own_thread: 1"),
        r'exercises/double/exercise\.yaml:1\d: "groups\.blocking\.points" is 2, but .* add up to 1; make them equal',
    ),
    "points of groups": (
        ("points: 4", "points: 5"),
        r'exercises/double/exercise\.yaml:3: "points" is 5, but .* add up to 4; make them equal',
    ),
    "a rule that nobody wrote": (
        ("own-thread:", "its-own-thread:"),
        r'test_hidden\.py:\d+: .*unknown rule "own-thread"; did you mean "its-own-thread"\?',
    ),
    "no YAML": (("title: Twice", "title: [Twice"), r"exercises/double/exercise\.yaml:\d+: YAML syntax"),
    "text for a number": (
        ("cpu_seconds: 0.3", "cpu_seconds: soon"),
        r"exercises/double/exercise\.yaml:5: .*cpu_seconds.* must be a finite number",
    ),
}


@pytest.mark.parametrize("name", BROKEN_COURSES, ids=[name.replace(" ", "-") for name in BROKEN_COURSES])
def test_a_broken_course_is_told_with_file_line_and_remedy(course: Course, name: str) -> None:
    (old, new), pattern = BROKEN_COURSES[name]
    assert old in course.rubric
    course.rubric = course.rubric.replace(old, new, 1)
    course.write()
    graded = course.run(course.submit({"double.py": FINE}))
    assert (graded.status, graded.output) == (2, "")
    assert re.search(pattern, graded.errors), graded.errors
    assert "Traceback" not in graded.errors


def test_a_test_file_that_cannot_be_read_is_a_broken_course(course: Course) -> None:
    course.hidden = "def test_x(:\n"
    graded = course.write().run(course.submit({"double.py": FINE}))
    assert graded.status == 2 and "solutions/double/test_hidden.py:1: Python syntax" in graded.errors


def test_a_test_that_is_wrong_itself_costs_nobody_a_point(course: Course) -> None:
    assert course.hidden is not None
    course.hidden = course.hidden.replace("    student.double(1, work)", "    import nowhere_at_all")
    graded = course.write().grade(FINE)
    by_name = {test["name"]: test for test in graded.exercise()["tests"]}
    wrong = by_name.pop("test_work_has_its_own_thread")
    assert wrong["verdict"] == "inconclusive" and wrong["evidence"]["kind"] == "grader's fault"
    assert {test["verdict"] for test in by_name.values()} == {"passed"}
    assert (graded.status, graded.result["score"], graded.result["inconclusive"]) == (3, 2, 2)
