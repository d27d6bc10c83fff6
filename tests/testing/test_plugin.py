"""`pytest exercises/double`: the same tests, run by hand, as a student or an IDE does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Course

NO_THREAD = "def double(number, work):\n    return 2 * work(number)\n"


def by_hand(course: Course, *paths: str, source: str = NO_THREAD) -> tuple[int, str]:
    """Status and output of pytest on these paths of the course, its own file holding `source`."""
    (course.root / "exercises" / "double" / "double.py").write_text(source)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *paths],
        cwd=course.root,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"COLUMNS": "200"},
    )
    return done.returncode, done.stdout + done.stderr


def test_public_tests_run_by_hand(course: Course) -> None:
    assert by_hand(course, "exercises/double")[0] == 0


def test_a_failure_shows_the_rule(course: Course) -> None:
    status, output = by_hand(course, "exercises/double", source="def double(number, work):\n    return 1\n")
    assert status == 1
    assert "double(4, ...) did not give twice 4" in output and "Returns twice what `work(number)` gives." in output


def test_a_failure_of_the_program_shows_no_code_of_ours(course: Course) -> None:
    status, output = by_hand(
        course, "exercises/double", source="def double(number, work):\n    raise ValueError('mine')\n"
    )
    assert status == 1
    assert "`double` raised ValueError: mine (double.py line 2" in output and "student.py" not in output


def test_an_import_that_fails_is_told(course: Course) -> None:
    status, output = by_hand(course, "exercises/double", source="def double(:\n")
    assert status == 1 and "double.py line 1: SyntaxError" in output and "Traceback" not in output


def test_hidden_tests_are_run_on_the_solution(course: Course) -> None:
    status, output = by_hand(course, "solutions/double/test_hidden.py", source=NO_THREAD)
    assert status == 0 and "2 passed" in output


def test_a_file_that_is_missing_is_told(course: Course) -> None:
    by_hand(course, "--version")
    (course.root / "exercises" / "double" / "double.py").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "exercises/double"],
        cwd=course.root,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1 and "double.py" in done.stdout and "Traceback" not in done.stdout


def test_tests_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text("def test_fine():\n    pass\ndef test_bad():\n    assert 1 == 2\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "1 failed, 1 passed" in done.stdout
