"""The jails of a session: one after the other shows what it must, and none is used again that is in doubt."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.checking.servers import Servers
from grader.course import load_course
from grader.grading import grade
from grader.jail import JailError
from grader.results import ExerciseResult
from grader.session import run_alone
from grader.testing.cells import Cells
from grader.testing.plan import Plan, PlannedExercise

if TYPE_CHECKING:
    from tests.conftest import Course

TELLS = """
import pathlib
top = pathlib.Path(__file__).parents[2]
begun = pathlib.Path("/proc/1/stat").read_text().rpartition(")")[2].split()[19]  # of the zygote, so of the jail
print(begun, *sorted(str(file.relative_to(top)) for file in top.rglob("*.py")))
left = pathlib.Path("/tmp/left")
print("found" if left.exists() else "clean")
left.touch()

def double(number, work):
    return work(number)
"""


def told(exercise: ExerciseResult) -> list[list[str]]:
    """What `TELLS` has printed, test by test."""
    return [test.evidence["output"].split() for test in exercise.tests if "output" in test.evidence]


def graded(course: Course) -> list[ExerciseResult]:
    files = {f"{name}/{name}.py": TELLS for name in course.names}
    return grade(course.submit(files), load_course(course.root), sessions=run_alone).exercises


def test_a_jail_shows_one_exercise_after_the_other(make_course: Callable[..., Course], tmp_path: Path) -> None:
    course = make_course(tmp_path / "lab", ("first", "second", "third"))
    seen = {exercise.name: told(exercise) for exercise in graded(course)}
    jails = set()
    for name in course.names:
        assert seen[name], name
        for jail, *files, state in seen[name]:
            jails.add(jail)
            assert [file.partition("/")[2] for file in files] == [f"{name}/{name}.py"] and state == "clean"
    assert len(jails) == 1


def test_where_a_program_lies_hangs_on_nothing_else(make_course: Callable[..., Course], tmp_path: Path) -> None:
    course = make_course(tmp_path / "lab", ("first", "second"))
    together = told(graded(course)[1])
    alone = grade(course.root.parent / "handed_in", load_course(course.root), ["second"]).exercises[0]
    assert [line[1:] for line in told(alone)] == [line[1:] for line in together] != []


def test_a_program_is_new_each_time_that_it_is_graded(make_course: Callable[..., Course], tmp_path: Path) -> None:
    """What is looked at once for each submission, at its first test, is looked at again."""
    course = make_course(tmp_path / "lab", ("first",))
    text = "import sys\nsys.modules['grader.student.world.search'].Search = None\n" + TELLS
    submission = course.submit({"first/first.py": text})
    seen: list[list[str]] = []
    with Servers(1) as servers:
        for _ in range(2):
            result = grade(submission, load_course(course.root), sessions=servers.run)
            seen.append([test.reason for test in result.exercises[0].tests])
    assert "your program has changed" in seen[0][0]
    assert seen[0] == seen[1]


def test_after_a_verdict_in_doubt_a_new_jail_is_started(make_course: Callable[..., Course], tmp_path: Path) -> None:
    course = make_course(tmp_path / "lab", ("first", "second"))
    hidden = course.root / "solutions" / "first" / "test_hidden.py"
    hidden.write_text(hidden.read_text().replace("    student.double(1, work)\n", "    raise OSError\n"))
    first, second = graded(course)
    assert [test.verdict for test in first.tests] == ["failed", "failed", "inconclusive"]
    assert {jail for jail, *_ in told(first)}.isdisjoint(jail for jail, *_ in told(second))


def test_a_jail_whose_network_could_forget_is_not_used_again(
    reachable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = reachable / "submission" / "double" / "double.py"
    file.parent.mkdir(parents=True)
    file.write_text("")
    exercise = PlannedExercise("double", str(file), [], {}, {}, {}, [])
    plan = Plan(str(reachable / "submission"), str(reachable), str(reachable), [], None, [exercise])
    used = []
    with Cells(reachable) as cells:
        for remembered in (512, 513, 0):
            with cells.showing(plan, exercise, print) as (cell, _, _):
                used.append(cell)
                monkeypatch.setattr(cell, "remembers", lambda remembered=remembered: remembered)
    first, second, third = used
    assert first is second is not third


def test_after_a_fault_of_the_jail_a_new_one_is_started(
    reachable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # of one plan; the jail may outlive it
    file = reachable / "submission" / "double" / "double.py"
    file.parent.mkdir(parents=True)
    file.write_text("")
    exercise = PlannedExercise("double", str(file), [], {}, {}, {}, [])
    plan = Plan(str(reachable / "submission"), str(reachable), str(reachable), [], None, [exercise])
    with Cells(reachable) as cells:
        with cells.showing(plan, exercise, print) as (first, _, _):
            pass
        with pytest.raises(JailError), cells.showing(plan, exercise, print) as (kept, _, _):
            raise JailError("it is gone")
        with cells.showing(plan, exercise, print) as (new, _, _):
            assert kept is first and new is not first
            assert tempfile.tempdir == str(tmp_path) and list(tmp_path.iterdir()) == []
    assert list((reachable / "submissions").iterdir()) == []
