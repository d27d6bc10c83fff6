"""Which files are public, which decide a mark, and which are nobody's but the instructor's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.course import load_course
from grader.release import ReleaseError
from grader.release.contents import marking_files, public_files, secret_files

if TYPE_CHECKING:
    from tests.conftest import Course

PUBLIC = {
    "course.yaml",
    "exercises/double/double.py",
    "exercises/double/exercise.yaml",
    "exercises/double/test_public.py",
}


def _add(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")


def test_public_are_the_course_its_exercises_and_handouts(course: Course) -> None:
    _add(course.root, "handouts/double.md", "handouts/demos/a.py", "notes.md", "exercises/double/data/big.json")
    _add(course.root, "exercises/double/__pycache__/x.pyc", "exercises/double/.hidden", "exercises/double/old.pyc")
    added = {"handouts/double.md", "handouts/demos/a.py", "exercises/double/data/big.json"}
    assert set(public_files(load_course(course.root))) == PUBLIC | added


def test_what_decides_a_mark_has_hidden_tests_and_their_data_and_no_solution(course: Course) -> None:
    own = "solutions/double"
    _add(course.root, f"{own}/faulty/a.py", f"{own}/correct/b.py", f"{own}/faulty_world/c.py", f"{own}/mutants.yaml")
    _add(course.root, f"{own}/correctness.json", f"{own}/data/table.csv", "handouts/double.md")
    needed = {f"{own}/test_hidden.py", f"{own}/correctness.json", f"{own}/data/table.csv"}
    assert set(marking_files(load_course(course.root))) == PUBLIC | needed


def test_everything_of_solutions_is_secret(course: Course) -> None:
    _add(course.root, "solutions/double/faulty/a.py", "solutions/draft/plan.md")
    assert set(secret_files(load_course(course.root))) == {
        "solutions/double/double.py",
        "solutions/double/test_hidden.py",
        "solutions/double/faulty/a.py",
        "solutions/draft/plan.md",
    }


def test_a_link_is_refused(course: Course) -> None:
    (course.root / "exercises/double/link").symlink_to("/etc/passwd")
    with pytest.raises(ReleaseError, match=r"double/link is no regular file"):
        public_files(load_course(course.root))
