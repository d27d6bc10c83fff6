"""Marks the tests that a student has written: how many faulty submissions do they catch, all correct ones passing?

They are a stranger's code like any other: they run in the student process, beside one known submission at a time,
which is there as bytecode without names of files, comments or docstrings. What is told of it are numbers only.
"""

from __future__ import annotations

import ast
import importlib.util
import marshal
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grader.jail.cell import Cell
from grader.results import STUDENT_TESTS, TestResult, Verdict
from grader.testing.bench import limits_from
from grader.testing.outcomes import Inconclusive, RuleBroken
from grader.testing.plan import PlannedExercise, PlannedStudentTests
from grader.testing.quiet import LoopbackFlush
from grader.testing.student import Student
from grader.testing.watch import Limits, shorter

_QUARTER = 0.25


def mark(cell: Cell, flush: LoopbackFlush, top: Path, exercise: PlannedExercise) -> TestResult:
    """Runs a student's tests on every known submission.

    Args:
        cell: the jail; it shows the folder `top`.
        flush: flushes the loopback device.
        top: the folder that the jail shows.
        exercise: with its `student_tests`.

    Returns:
        a result whose points are a bonus: it is no part of the maximum.
    """
    planned = exercise.student_tests
    assert planned is not None
    names = test_names(Path(planned.file))
    if not names:
        return _result(planned, "failed", "your file of tests defines no function whose name begins with `test_`")
    known = [(file, "correct") for file in planned.correct] + [(file, "faulty") for file in planned.faulty]
    # Whoever counts processes must not learn which kind it has before it.
    random.Random(planned.seed).shuffle(known)
    tally: Counter[tuple[str, str]] = Counter()
    limits = limits_from(exercise.limits)
    for file, kind in known:
        with _placed(Path(file), Path(exercise.file)) as module:
            found, given_up = _run(cell, flush, top, module, Path(planned.file), names, limits)
        tally[kind, found] += 1
        if kind == "correct":  # all is lost, or undecided; of a faulty one nothing follows for the others
            limits = shorter(limits, given_up)
    return _judged(planned, tally)


def test_names(file: Path) -> list[str]:
    """The test functions at the top of a file, in its order; none if it cannot be read."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, OSError, RecursionError, MemoryError):
        return []
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def _run(
    cell: Cell, flush: LoopbackFlush, top: Path, module: Path, tests: Path, names: list[str], limits: Limits
) -> tuple[str, str]:
    """What the tests say of one module: "passed", "failed", or "undecided"; and for what they were given up."""
    inside = [f"{cell.submission}/{file.relative_to(top)}" for file in (module, tests)]
    student = Student(cell, tests, inside[1], limits, flush)
    try:
        for file in inside:
            student.execute_file(file)
        for name in names:
            student.invoke(name, (), {}).result()
        student.check_alive()
    except RuleBroken:
        return "failed", student.given_up
    except Inconclusive:
        return "undecided", student.given_up
    finally:
        student.end()
        student.loop.close()
    return "passed", ""


@contextmanager
def _placed(known: Path, beside: Path) -> Iterator[Path]:
    """Puts a known submission where the student's tests import it from, as bytecode, and takes it away again."""
    folder = beside.parent / ".known"
    folder.mkdir(mode=0o755)
    module = folder / f"{beside.stem}.pyc"
    try:
        module.write_bytes(bytecode(known.read_text(encoding="utf-8"), beside.name))
        module.chmod(0o644)
        yield module
    finally:
        module.unlink(missing_ok=True)
        folder.rmdir()


def bytecode(source: str, name: str) -> bytes:
    """A module as a file that Python can import, without what only people read.

    All of it stands in line 1: where the code begins tells how many comments are above it.
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body: list[ast.stmt] = getattr(node, "body", [])
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr) and _is_text(body[0].value):
            body[:1] = [] if len(body) > 1 else [ast.Pass()]
    for node in ast.walk(tree):
        if "lineno" in node._attributes:
            vars(node).update(lineno=1, end_lineno=1, col_offset=0, end_col_offset=0)
    code = compile(tree, name, "exec", dont_inherit=True)
    return importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(code)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _judged(planned: PlannedStudentTests, tally: Counter[tuple[str, str]]) -> TestResult:
    caught, blamed = tally["faulty", "failed"], tally["correct", "failed"]
    undecided = tally["faulty", "undecided"] + tally["correct", "undecided"]
    numbers: dict[str, Any] = {
        "caught": caught,
        "faulty": len(planned.faulty),
        "blamed": blamed,
        "correct": len(planned.correct),
        "undecided": undecided,
    }
    if blamed:
        reason = f"your tests fail {blamed} of {len(planned.correct)} submissions that are correct"
        return _result(planned, "failed", reason, numbers)
    if undecided:
        return _result(planned, "inconclusive", f"of {undecided} submissions it could not be told", numbers)
    share = caught / len(planned.faulty) / planned.enough if planned.faulty else 0.0
    earned = planned.points * min(1.0, share) // _QUARTER * _QUARTER
    reason = f"your tests catch {caught} of {len(planned.faulty)} faulty submissions, and pass all correct ones"
    return _result(planned, "passed" if earned else "failed", reason, numbers | {"earned": earned})


def _result(
    planned: PlannedStudentTests, verdict: Verdict, reason: str, numbers: dict[str, Any] | None = None
) -> TestResult:
    return TestResult(
        name=STUDENT_TESTS,
        group=STUDENT_TESTS,
        visibility="hidden",
        verdict=verdict,
        score=0.0,
        max_score=0.0,
        reason=reason,
        rule="",
        evidence={"kind": "bonus", "earned": 0.0, "points": planned.points, **(numbers or {})},
        duration=0.0,
    )
