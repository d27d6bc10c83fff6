"""The course that docs/writing.md builds: its files are taken from the page, and do what it says."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.checking.check import CheckOptions, check
from grader.checking.progress import Lines
from grader.course import load_course

if TYPE_CHECKING:
    from tests.conftest import Graded

PAGE = Path(__file__).parents[1] / "docs" / "writing.md"
BLOCK = re.compile(r"```(?:python|yaml)\n# (\S+\.(?:py|yaml))\n(.*?)```", re.DOTALL)


@pytest.fixture
def course_of_the_page(tmp_path: Path) -> Path:
    """The files of the page, where they say they are."""
    root = tmp_path / "course"
    for name, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def graded(root: Path, source: str) -> Graded:
    from tests.conftest import run_grade

    target = root.parent / "alice" / "counter" / "counter.py"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(root / source, target)
    return run_grade("run", root.parent / "alice", "--json", "-", "--course", root, cwd=root)


def test_the_course_can_be_used(course_of_the_page: Path) -> None:
    course = load_course(course_of_the_page)
    assert [exercise.name for exercise in course.exercises] == ["counter"]


@pytest.mark.parametrize(
    ("source", "points"),
    [
        ("solutions/counter/counter.py", 4),
        ("solutions/counter/correct/with_a_queue.py", 4),
        ("solutions/counter/faulty/without_a_lock.py", 2),
        ("exercises/counter/counter.py", 0),
    ],
)
def test_each_submission_gets_what_it_should(course_of_the_page: Path, source: str, points: float) -> None:
    assert graded(course_of_the_page, source).result["score"] == points


def test_the_fault_is_told_as_a_story_with_its_hint(course_of_the_page: Path) -> None:
    result = graded(course_of_the_page, "solutions/counter/faulty/without_a_lock.py").result
    (failed,) = [test for test in result["exercises"][0]["tests"] if test["verdict"] == "failed"]
    assert failed["reason"] == "two threads added at once, and something was lost"
    assert any("self.sum += amount" in line for line in failed["evidence"]["story"])


def test_its_tests_are_right(course_of_the_page: Path) -> None:
    course = load_course(course_of_the_page)
    options = CheckOptions(mutants=False, coverage=False)
    assert check(course, options, Lines(sys.stderr)).exercises[0].problems == []
