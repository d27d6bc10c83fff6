"""What is graded again after a save: what had not passed at first, and all once that has."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.results import Result, TestResult, exercise_result, result
from grader.watching import Files, Watching, places, saves
from tests.conftest import REFERENCE

if TYPE_CHECKING:
    from tests.conftest import Course


class Graded:
    """Stands in for grading: which tests fail, and what was asked for."""

    def __init__(self, *failing: str) -> None:
        self.failing = set(failing)
        self.asked: list[tuple[str, ...]] = []
        self.shown: list[tuple[float, float | None, bool]] = []

    def grade(self, exercises: Sequence[str], tests: Sequence[str]) -> Result:
        self.asked.append(tuple(tests))
        judged = [self._judged(name) for name in tests or ("test_a", "test_b", "test_c")]
        return result("x", [exercise_result(exercises[0], "", judged)], environment={}, pack="")

    def _judged(self, name: str) -> TestResult:
        failed = name in self.failing
        return TestResult(name, "g", "public", "failed" if failed else "passed", 1.0 - failed, 1.0, "", "", {}, 0.0)

    def show(self, value: Result, before: float | None, whole: bool) -> None:
        self.shown.append((value.score, before, whole))


def test_what_failed_is_run_first_and_alone_while_it_fails() -> None:
    mine = Graded("test_b")
    watching = Watching(mine.grade, mine.show)
    watching.grade(["sum"])
    watching.grade(["sum"])
    assert mine.asked == [(), ("test_b",)]
    mine.failing.clear()
    watching.grade(["sum"])
    assert mine.asked == [(), ("test_b",), ("test_b",), ()]
    assert mine.shown == [(2.0, None, True), (0.0, None, False), (3.0, 2.0, True)]


def test_all_is_run_again_where_all_had_passed_or_failed() -> None:
    for failing in [(), ("test_a", "test_b", "test_c")]:
        mine = Graded(*failing)
        watching = Watching(mine.grade, mine.show)
        watching.grade(["sum"])
        watching.grade(["sum"])
        assert mine.asked == [(), ()]


def test_a_save_is_seen_however_an_editor_writes(tmp_path: Path) -> None:
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("a")
    two.write_text("a")
    files = Files({"one": [one], "two": [two]})
    assert files.changed() == []
    one.write_text("ab")
    assert files.changed() == ["one"] and files.changed() == []
    (tmp_path / "new").write_text("b")
    os.replace(tmp_path / "new", two)
    assert files.changed() == ["two"]
    two.unlink()
    assert files.changed() == ["two"]


def test_saves_of_several_files_at_once_are_told_together(tmp_path: Path) -> None:
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    looks = itertools.count(1)

    def look(_: float) -> None:
        if next(looks) == 3:
            one.write_text("a")
            two.write_text("a")

    assert next(saves(Files({"one": [one], "two": [two]}), look)) == ["one", "two"]


def test_places_where_a_file_may_lie(tmp_path: Path) -> None:
    assert places(tmp_path, ["sum"]) == {"sum": [tmp_path / "sum" / "sum.py", tmp_path / "sum.py"]}
    (tmp_path / "sum.py").touch()
    assert places(tmp_path / "sum.py", ["sum", "server"]) == {"sum": [tmp_path / "sum.py"]}


@pytest.fixture
def watched(course: Course) -> Any:
    """`grade watch` on a submission that is wrong."""
    file = course.submit({"double.py": "def double(number, work):\n    return 1\n"}) / "double.py"
    command = [sys.executable, "-u", "-m", "grader.cli", "watch", str(file), "--course", str(course.root)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    end = threading.Timer(120, process.kill)  # for a test that would read for ever
    end.start()
    yield file, process, process.stdout
    end.cancel()
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_program_is_graded_again_as_it_is_saved(watched: tuple[Path, Any, Any]) -> None:
    file, process, output = watched
    for line in output:
        if "Score 1 / 4" in line:
            file.write_text(REFERENCE)
        if "Score 4 / 4" in line:
            process.send_signal(signal.SIGINT)
            break
    else:
        pytest.fail("it ended by itself")
    assert process.wait() == 0
