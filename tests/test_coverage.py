"""`grade run --coverage`: a student learns which of their lines no test has reached."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from grader.coverage import Coverage, measure

if TYPE_CHECKING:
    from tests.conftest import Course

SOURCE = """import threading


def double(number, work):
    if number is None:
        return None
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
"""


def test_a_note_tells_what_no_test_has_reached(course: Course) -> None:
    graded = course.grade(SOURCE, "--coverage")
    assert graded.exercise()["notes"] == [
        "coverage: the tests reached 8 of 9 lines and 1 of 2 branches: not line 6; never from line 5 to line 6"
    ]


def test_verdicts_and_points_are_those_without_it(course: Course) -> None:
    plain, traced = course.grade(SOURCE).exercise(), course.grade(SOURCE, "--coverage").exercise()
    for exercise in (plain, traced):
        del exercise["notes"]
        for test in exercise["tests"]:
            del test["duration"]
    assert traced == plain


def test_it_is_told_in_the_terminal_too(course: Course) -> None:
    path = course.submit({"double.py": SOURCE}) / "double.py"
    graded = course.run("run", path, "--coverage")
    assert graded.status == 0 and "not line 6" in " ".join(graded.output.split())


def test_a_submission_that_hangs_is_measured_as_far_as_it_came(course: Course) -> None:
    hangs = SOURCE.replace("    thread.join()", "    thread.join()\n    threading.Barrier(2).wait()")
    (note,) = course.grade(hangs, "--coverage").exercise()["notes"]
    assert "not line 6, 12" in note


def test_what_is_no_module_has_nothing_to_reach(tmp_path: Path) -> None:
    file = tmp_path / "bad.py"
    file.write_text("def f(:\n")
    assert measure(file, [(1, 2)]) == Coverage(0, 0, (), ())
