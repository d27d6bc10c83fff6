"""Lines that are executed: in every thread, through generators and exceptions, of one file only."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from grader.coverage import Coverage, measure

PROGRAM = """
import json, sys
sys.path.insert(0, {folder!r})
from grader.student.lines import Lines
lines = Lines({file!r})
import program
print(json.dumps(sorted(lines.arcs)))
"""


def reached(folder: Path, source: str) -> Coverage:
    """What is reached of a program that is executed, in a process of its own: tracing is for good."""
    file = folder / "program.py"
    file.write_text(dedent(source))
    program = PROGRAM.format(folder=str(folder), file=str(file))
    done = subprocess.run([sys.executable, "-B", "-c", program], capture_output=True, text=True, check=True)
    arcs = [tuple(arc) for arc in json.loads(done.stdout)]
    return measure(file, arcs)


LAST = "lambda end: (work(), end.release())"


@pytest.mark.parametrize(
    "start",
    [
        "import threading\nthread = threading.Thread(target=work)\nthread.start(); thread.join()",
        "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor() as pool:\n    pool.submit(work)",
        "import _thread as t\nend = t.allocate_lock()\nend.acquire()\nt.start_new_thread(last, (end,))\nend.acquire()",
        "import threading\nthread = threading.Timer(0, work)\nthread.start(); thread.join()",
    ],
)
def test_threads_are_seen_however_they_are_started(tmp_path: Path, start: str) -> None:
    assert reached(tmp_path, "def work():\n    return 3\n" + start.replace("last", LAST)).complete


def test_what_is_not_reached_is_told_by_line_and_by_branch(tmp_path: Path) -> None:
    found = reached(
        tmp_path,
        """\
        def f(x):
            if x:
                x = 2
            for y in range(x):
                if y > 5:
                    return y
            return x

        f(1)
        """,
    )
    assert (found.missed_lines, found.missed_branches) == ((6,), ((2, 4), (5, 6)))
    assert str(found) == (
        "the tests reached 7 of 8 lines and 4 of 6 branches: not line 6; never from line 2 to line 4; "
        "never from line 5 to line 6"
    )


def test_generators_go_on_where_they_were(tmp_path: Path) -> None:
    source = """\
        def numbers():
            for n in range(3):
                yield n
            yield from (n for n in "ab")

        assert len(list(numbers())) == 5
        """
    found = reached(tmp_path, source)
    assert found.complete and found.branches == 2


def test_a_generator_that_is_given_up_has_not_come_to_its_end(tmp_path: Path) -> None:
    found = reached(tmp_path, "def numbers():\n    for n in range(3):\n        yield n\n    n = 4\n\nnext(numbers())\n")
    assert found.missed_lines == (4,)


def test_handlers_and_finally_are_seen(tmp_path: Path) -> None:
    source = """\
        def f():
            try:
                return {}["x"]
            except KeyError:
                return 1
            finally:
                print(end="")

        f()
        """
    assert reached(tmp_path, source).complete


def test_what_is_not_to_be_covered_is_not_missed(tmp_path: Path) -> None:
    source = "def f(x):\n    if x:  # pragma: no cover - never\n        return 2\n    return 3\n\nf(0)\n"
    assert reached(tmp_path, source).complete


def test_other_files_are_not_noted(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("def g():\n    return 1\n" * 30)
    assert reached(tmp_path, "import beside\nbeside.g()\n").complete
