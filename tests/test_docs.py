"""The examples of the documentation are run as they stand there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Course

WORLD = Path(__file__).parents[1] / "docs" / "world.md"


def example(name: str) -> str:
    """The block of code of the page that begins with `# name`."""
    (found,) = re.findall(rf"```python\n(# {re.escape(name)}\n.*?)```", WORLD.read_text(), re.DOTALL)
    return str(found)


def run_pytest(folder: Path, file: str) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rA", file]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout + done.stderr


def test_an_authors_own_code_is_explored_with_plain_pytest(tmp_path: Path) -> None:
    (tmp_path / "test_counter.py").write_text(example("test_counter.py"))
    output = run_pytest(tmp_path, "test_counter.py")
    assert "PASSED test_counter.py::test_add_safely" in output and "PASSED test_counter.py::test_speedup" in output
    assert "FAILED test_counter.py::test_add " in output and "1 failed, 2 passed" in output
    assert "every_schedule(replay=" in output and "self.value += 1" in output


def test_a_replayed_schedule_fails_again_and_another_one_passes(tmp_path: Path) -> None:
    text = example("test_counter.py").replace("    @every_schedule\n", "    @every_schedule(replay=SCHEDULE)\n")
    (tmp_path / "test_counter.py").write_text(text.replace("SCHEDULE", "'-'"))
    assert "3 passed" in run_pytest(tmp_path, "test_counter.py")
    (tmp_path / "test_first.py").write_text(example("test_counter.py"))
    (schedule,) = re.findall(r"replay='(.*?)'", run_pytest(tmp_path, "test_first.py::test_add"))[:1]
    (tmp_path / "test_counter.py").write_text(text.replace("SCHEDULE", repr(schedule)))
    assert "FAILED test_counter.py::test_add " in run_pytest(tmp_path, "test_counter.py")


def test_a_hidden_test_judges_every_schedule(course: Course) -> None:
    course.hidden = example("test_hidden.py")
    for old, new in [
        ("test_twice_of_a_fraction", "test_two_callers_at_once"),
        ("test_work_has_its_own_thread", "test_calls_take_their_time_side_by_side"),
    ]:
        course.rubric = course.rubric.replace(old, new)
    course.write()
    mine = course.root / "solutions" / "double" / "double.py"
    right = mine.read_text()
    shared = right.replace("def double", "found = []\n\ndef double").replace("    found = []\n", "    found.clear()\n")
    for source, outcome in [(right, "2 passed"), (shared, "1 failed, 1 passed")]:
        mine.write_text(source)
        assert outcome in run_pytest(course.root, "solutions/double/test_hidden.py"), source
