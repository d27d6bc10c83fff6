"""Tests that students write: marked by what they catch, and told nothing but numbers."""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.util
import marshal
import types
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from grader.testing import student_tests
from grader.testing.plan import PlannedExercise, PlannedStudentTests
from grader.testing.student_tests import bytecode

if TYPE_CHECKING:
    from tests.conftest import Course

RIGHT = """
import threading


def double(number, work):
    '''Told to people only.'''
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
"""

FAULTY = {
    "no_thread.py": ("test_work_has_its_own_thread", "return 2 * work(number)"),
    "not_twice.py": ("test_twice, test_twice_of_a_fraction, test_work_has_its_own_thread", "return work(number)"),
    "for_ever.py": ("test_twice, test_twice_of_a_fraction", "while True: pass"),
    "leaves.py": ("test_twice, test_twice_of_a_fraction", "import os; os._exit(0)"),
}

TWICE = """
from double import double

def test_twice():
    assert double(4, lambda number: number) == 8
"""

OWN_THREAD = """
def test_thread():
    import threading
    seen = []
    double(1, lambda number: seen.append(threading.get_ident()) or 1)
    assert seen != [threading.get_ident()]
"""


@pytest.fixture
def asks(course: Course) -> Course:
    """The miniature course, asking for tests; half of what is faulty has to be caught for all four points."""
    course.rubric += "tests_by_student: {points: 4, enough: 0.5}\n"
    course.write()
    for name, (fails, body) in FAULTY.items():
        file = course.root / "solutions" / "double" / "faulty" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"# wrong: secret\n# fails: {fails}\ndef double(number, work):\n    {body}\n")
    return course


def bonus(course: Course, tests: str, submission: str = "def double(number, work):\n    return 0\n") -> dict[str, Any]:
    """The verdict on some tests, handed in beside a submission."""
    folder = course.submit({"double/double.py": submission, "double/test_double.py": dedent(tests)})
    graded = course.run("run", folder, "--json", "-")
    assert graded.status == 0, graded.errors
    (found,) = [test for test in graded.exercise()["tests"] if test["group"] == "tests_by_student"]
    assert "secret" not in graded.output
    return dict(found)


def test_points_are_for_the_share_that_is_caught(asks: Course) -> None:
    found = bonus(asks, TWICE)
    assert (found["verdict"], found["score"], found["max_score"]) == ("passed", 4.0, 0.0)
    assert found["reason"] == "your tests catch 3 of 4 faulty submissions, and pass all correct ones"
    only_thread = bonus(asks, "from double import double\n" + OWN_THREAD)
    assert only_thread["evidence"]["caught"] == 4 and only_thread["score"] == 4.0


def test_fewer_than_enough_earn_a_part_in_quarters(asks: Course) -> None:
    found = bonus(asks, "from double import double\ndef test_type():\n    assert double(4, float) != 4.0\n")
    assert (found["evidence"]["caught"], found["evidence"]["earned"]) == (3, 4.0)
    (asks.root / "exercises" / "double" / "exercise.yaml").write_text(asks.rubric.replace("enough: 0.5", "enough: 1"))
    found = bonus(asks, "from double import double\ndef test_none():\n    assert double(4, float) == 8.0\n")
    assert (found["evidence"]["caught"], found["evidence"]["earned"]) == (3, 3.0)


def test_a_correct_submission_that_fails_them_costs_all(asks: Course) -> None:
    found = bonus(asks, TWICE + "\ndef test_wrong():\n    assert double(1, float) == 3\n")
    assert (found["verdict"], found["score"]) == ("failed", 0.0)
    assert found["reason"] == "your tests fail 1 of 1 submissions that are correct"


def test_a_bonus_fills_up_and_gives_no_more_than_there_is(asks: Course) -> None:
    folder = asks.submit({"double/double.py": RIGHT, "double/test_double.py": TWICE})
    exercise = asks.run("run", folder, "--json", "-").exercise()
    assert (exercise["score"], exercise["max_score"]) == (4.0, 4.0)
    assert sum(test["score"] for test in exercise["tests"]) == 4.0
    assert exercise["notes"] == [
        "tests of your own: your tests catch 3 of 4 faulty submissions, and pass all correct ones"
    ]


def test_without_tests_the_result_is_as_ever(asks: Course) -> None:
    folder = asks.submit({"double/double.py": RIGHT})
    exercise = asks.run("run", folder, "--json", "-").exercise()
    assert len(exercise["tests"]) == 3 and exercise["notes"] == []


def test_what_only_some_groups_catch_may_be_left_out(asks: Course) -> None:
    rubric = asks.rubric.replace("enough: 0.5", "enough: 0.5, but: [blocking]")
    (asks.root / "exercises" / "double" / "exercise.yaml").write_text(rubric)
    assert bonus(asks, TWICE)["evidence"]["faulty"] == 3


@pytest.mark.parametrize(
    ("tests", "told"),
    [
        ("import double\n", "defines no function whose name begins with `test_`"),
        ("def test_(:\n", "defines no function whose name begins with `test_`"),
        ("raise SystemExit\ndef test_x(): pass\n", "fail 1 of 1 submissions that are correct"),
        ("def test_x(fixture): pass\n", "fail 1 of 1 submissions that are correct"),
        ("import os\ndef test_x(): os._exit(0)\n", "fail 1 of 1 submissions that are correct"),
    ],
)
def test_tests_that_cannot_be_used_earn_nothing(asks: Course, tests: str, told: str) -> None:
    found = bonus(asks, tests)
    assert found["score"] == 0.0 and told in found["reason"]


def test_what_sleeps_on_a_correct_submission_is_not_waited_for_so_long_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited: list[float] = []
    planned = PlannedStudentTests("double/test_double.py", ["right.py"] * 3, ["wrong.py"] * 2, 4, 0.5, "seed")
    exercise = PlannedExercise("double", "double/double.py", [], {}, {"idle_seconds": 8.0}, {}, [], planned)

    def run(*args: Any) -> tuple[str, str]:
        waited.append(args[-1].idle_seconds)
        return "failed", "idle"

    monkeypatch.setattr(student_tests, "test_names", lambda _: ["test_a"])
    monkeypatch.setattr(student_tests, "_placed", lambda known, _: contextlib.nullcontext(known))
    monkeypatch.setattr(student_tests, "_run", run)
    monkeypatch.setattr(student_tests.random, "Random", lambda _: SimpleNamespace(shuffle=list.reverse))
    result = student_tests.mark(None, None, Path("."), exercise)  # type: ignore[arg-type]
    assert result.verdict == "failed"
    assert waited == [8.0, 8.0, 8.0, 4.0, 2.0]  # from a faulty one nothing follows


def test_nothing_of_a_known_submission_is_there_to_be_read_or_told(asks: Course) -> None:
    spies = """
        import double, glob, inspect, os

        def test_source():
            try:
                inspect.getsource(double)
            except OSError:
                pass
            else:
                raise AssertionError("its source can be read")
            assert double.double.__doc__ is None and double.__doc__ is None
            assert "wrong" not in double.__file__ and "faulty" not in double.double.__code__.co_filename
            assert not glob.glob("/submission/**/*no_thread*", recursive=True)
            assert os.listdir(os.path.dirname(double.__file__)) == ["double.pyc"]
            raise ValueError(open(double.__file__, "rb").read())
        """
    found = bonus(asks, spies)
    assert found["reason"] == "your tests fail 1 of 1 submissions that are correct"
    assert set(found["evidence"]) == {
        "kind", "earned", "points", "caught", "faulty", "blamed", "correct", "undecided",
    }  # fmt: skip


def test_what_one_run_leaves_the_next_does_not_find(asks: Course) -> None:
    counts = """
        import pathlib
        import double

        def test_count():
            places = [pathlib.Path(name) for name in ("/tmp/count", "count", "/submission/count")]
            assert not any(place.exists() for place in places)
            for place in places:
                try:
                    place.write_text("seen")
                except OSError:
                    pass
        """
    found = bonus(asks, counts)
    assert (found["evidence"]["blamed"], found["evidence"]["caught"]) == (0, 0)


def test_a_known_submission_that_cannot_be_used_is_told(asks: Course) -> None:
    (asks.root / "solutions" / "double" / "faulty" / "leaves.py").write_text("import os\n")
    folder = asks.submit({"double/double.py": RIGHT, "double/test_double.py": TWICE})
    done = asks.run("run", folder)
    assert done.status == 2 and "leaves.py: the head has no `# wrong: ...` line; add it" in done.errors


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("{points: 4, enough: 2}", '"tests_by_student.enough" is 2; it is a share'),
        ("{points: 0.3}", "must be a multiple of 0.25"),
        ("{enough: 1}", 'missing key "tests_by_student.points"; add it'),
        ("{points: 1, but: [blokking]}", 'names the unknown group "blokking"; did you mean "blocking"?'),
    ],
)
def test_a_rubric_that_asks_for_the_impossible_is_told(course: Course, given: str, told: str) -> None:
    course.rubric += f"tests_by_student: {given}\n"
    course.write()
    done = course.run("run", course.submit({"double.py": RIGHT}))
    assert done.status == 2 and told in done.errors


def test_bytecode_holds_no_text_for_people(tmp_path: Path) -> None:
    source = '"""A module."""\nfrom __future__ import annotations\n# wrong: secret\n' + RIGHT + "\ndef f():\n    'x'\n"
    file = tmp_path / "double.pyc"
    file.write_bytes(bytecode(source, "double.py"))
    assert b"people" not in file.read_bytes() and b"secret" not in file.read_bytes()
    loader = importlib.machinery.SourcelessFileLoader("double", str(file))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("double", loader))  # type: ignore[arg-type]
    loader.exec_module(module)
    assert module.double(4, float) == 8.0 and module.f() is None and module.__doc__ is None


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def test_bytecode_does_not_tell_where_its_source_stood() -> None:
    told = set()
    for head in ("", "# wrong: secret\n# fails: test_twice\n\n"):
        code = marshal.loads(bytecode(head + RIGHT, "double.py")[16:])
        told.add(code)
        for each in _codes(code):
            assert each.co_firstlineno == 1
            assert {line for *_, line in each.co_lines()} <= {0, 1, None}
            assert {place[2:] for place in each.co_positions()} <= {(0, 0), (None, None)}
    assert len(told) == 1


@pytest.mark.parametrize("exercise", ["dispatcher_server", "parallel_fetcher", "threaded_sum"])
def test_no_line_tells_the_faulty_submissions_of_the_pack_from_the_others(exercise: str) -> None:
    known = Path(__file__).parents[2] / "solutions" / exercise
    for file in known.rglob("*.py"):
        if file.parent.name in ("correct", "faulty"):
            code = marshal.loads(bytecode(file.read_text(encoding="utf-8"), f"{exercise}.py")[16:])
            assert {line for each in _codes(code) for *_, line in each.co_lines() if line} == {1}, file


def test_names_are_read_and_nothing_is_run(tmp_path: Path) -> None:
    file = tmp_path / "test_double.py"
    file.write_text("raise SystemExit\ndef test_b(): ...\ndef helper(): ...\ndef test_a(): ...\n")
    assert student_tests.test_names(file) == ["test_b", "test_a"]
