"""One submission -> one result: points, statuses, notes, and nothing of the submission run on this side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from grader.course import CourseError, load_course
from grader.grading import grade
from grader.intake import Refused
from grader.results import PUBLIC_ONLY, TestResult, from_json, to_json
from grader.session import Listener, SessionOutcome, run_alone
from grader.testing.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Course

NO_THREAD = "def double(number, work):\n    return 2 * work(number)\n"


@pytest.fixture
def reference(course: Course) -> str:
    return (course.root / "solutions" / "double" / "double.py").read_text()


def graded(course: Course, source: str, **options: Any) -> Any:
    return grade(course.submit({"double.py": source}), load_course(course.root), **options)


def test_the_reference_scores_full_marks(course: Course, reference: str) -> None:
    result = graded(course, reference)
    [exercise] = result.exercises
    assert (result.score, result.max_score, result.inconclusive) == (4.0, 4.0, 0.0)
    assert (exercise.status, exercise.reason, exercise.notes) == ("graded", "", [])
    assert [(test.name, test.group, test.visibility, test.score) for test in exercise.tests] == [
        ("test_twice", "correctness", "public", 1.0),
        ("test_twice_of_a_fraction", "correctness", "hidden", 1.0),
        ("test_work_has_its_own_thread", "blocking", "hidden", 2.0),
    ]
    assert all(test.verdict == "passed" and test.reason == "" and test.duration >= 0 for test in exercise.tests)


def test_what_is_wrong_costs_its_own_points_and_names_its_rule(course: Course) -> None:
    result = graded(course, NO_THREAD)
    assert result.score == 2.0
    *_, test = result.exercises[0].tests
    assert (test.verdict, test.score) == ("failed", 0.0)
    assert test.rule == "`work` is called in a thread of its own."
    assert test.reason == "work was not called once, in another thread"  # the author's words, and no code


def test_a_failure_is_told_in_the_authors_words(course: Course) -> None:
    first, second, _ = graded(course, "def double(number, work):\n    return '8'\n").exercises[0].tests
    assert first.reason == "double(4, ...) did not give twice 4"
    assert second.reason == "the double of a fraction was not twice the fraction"


def test_where_the_author_has_none_values_are_shown_as_a_student_knows_them(course: Course) -> None:
    course.public = course.public.replace(', "double(4, ...) did not give twice 4"', "")
    assert course.hidden is not None
    course.hidden = course.hidden.replace(', "the double of a fraction was not twice the fraction"', "")
    course.write()
    first, second, _ = graded(course, "def double(number, work):\n    return '8'\n").exercises[0].tests
    assert first.reason.startswith("assert '8' == 8\n") and "where '8' = double(4, work)" in first.reason
    assert " at 0x" not in first.reason
    assert second.reason == "the rule is broken"  # hidden: neither input nor code


def test_the_stub_is_not_run(course: Course) -> None:
    result = graded(course, (course.root / "exercises" / "double" / "double.py").read_text())
    assert (result.score, result.max_score, result.exercises[0].status) == (0.0, 4.0, "not started")
    assert result.environment == {} or "tier" in result.environment
    assert all(test.verdict == "failed" and test.duration == 0 for test in result.exercises[0].tests)


def test_without_hidden_tests_the_public_ones_are_run_and_it_is_said(course: Course, reference: str) -> None:
    (course.root / "solutions" / "double" / "test_hidden.py").unlink()
    (course.root / "solutions" / "double" / "double.py").unlink()
    (course.root / "solutions" / "double").rmdir()
    result = graded(course, reference)
    assert [test.name for test in result.exercises[0].tests] == ["test_twice"]
    assert (result.score, result.max_score) == (1.0, 1.0)
    assert PUBLIC_ONLY in result.notes


@pytest.mark.parametrize("form", ["double.py", "double/double.py"])
def test_every_form_of_submission_is_found(course: Course, reference: str, form: str) -> None:
    folder = course.submit({form: reference})
    assert grade(folder, load_course(course.root)).score == 4.0
    if form == "double.py":
        assert grade(folder / form, load_course(course.root)).score == 4.0
    else:
        assert grade(folder / "double", load_course(course.root)).score == 4.0


def test_only_what_is_asked_for_is_graded(make_course: Callable[..., Course], tmp_path: Path, reference: str) -> None:
    course = make_course(tmp_path / "two", ("one", "two"))
    folder = course.submit({"one/one.py": reference, "two/two.py": NO_THREAD})
    loaded = load_course(course.root)
    assert [(e.name, e.score) for e in grade(folder, loaded).exercises] == [("one", 4.0), ("two", 2.0)]
    assert [e.name for e in grade(folder, loaded, ["two"]).exercises] == ["two"]
    assert [e.name for e in grade(folder / "one" / "one.py", loaded).exercises] == ["one"]
    with pytest.raises(CourseError, match='no exercise "tow"; did you mean "two"'):
        grade(folder, loaded, ["tow"])
    with pytest.raises(Refused):
        grade(folder / "nowhere", loaded)


def test_progress_is_told_of_each_verdict(course: Course, reference: str) -> None:
    told: list[Any] = []

    class Told:
        def started(self, total: int) -> None:
            told.append(total)

        def finished(self, exercise: str, test: TestResult) -> None:
            told.append((exercise, test.name, test.verdict))

    graded(course, reference, progress=Told())
    assert told[0] == 3 and len(told) == 4 and ("double", "test_twice", "passed") in told[1:]


def test_a_result_tells_where_and_with_what_it_was_made(course: Course, reference: str) -> None:
    result = graded(course, reference)
    assert {"python", "gil", "cores", "tier", "guarantees"} <= {*result.environment}
    assert result.pack.startswith("sha256:") and result.digest and result.digest != result.pack
    assert graded(course, reference).digest == result.digest
    assert graded(course, reference + "# more\n").digest != result.digest
    assert from_json(to_json(result)) == result
    assert json.loads(to_json(result))["schema"] == "threadlab/result/v1"


HIJACKS = {
    "conftest.py": "import pytest\n@pytest.fixture(autouse=True)\ndef student():\n    yield type('S', (), "
    "{'double': lambda s, n, w: 2 * n})()\n",
    "pytest.ini": "[pytest]\naddopts = -p nothing_of_the_kind\n",
    "sitecustomize.py": "raise SystemExit('hijacked')\n",
    "usercustomize.py": "raise SystemExit('hijacked')\n",
    "grader.py": "raise SystemExit('hijacked')\n",
    "msgspec.py": "raise SystemExit('hijacked')\n",
    "test_public.py": "def test_twice(): pass\n",
    "exercise.yaml": "title: Mine\n",
}


@pytest.mark.parametrize("name", HIJACKS)
def test_what_lies_beside_the_file_changes_nothing(course: Course, name: str) -> None:
    for folder in ("", "double/"):
        course.submit({f"{folder}{name}": HIJACKS[name]})
    result = grade(course.submit({"double/double.py": NO_THREAD}), load_course(course.root))
    assert result.exercises[0].status in ("graded", "cannot be tested")  # refused at intake, or without effect
    assert result.score == (2.0 if result.exercises[0].status == "graded" else 0.0)
    assert result.inconclusive == 0.0


def test_one_exercise_that_fails_leaves_the_others_alone(
    make_course: Callable[..., Course], tmp_path: Path, reference: str
) -> None:
    names = ("first", "second", "third", "fourth")
    course = make_course(tmp_path / "four", names)
    sources = dict(zip(names, ("import os\nos._exit(0)\n", reference, "while True: pass\n", reference), strict=True))
    result = grade(
        course.submit({f"{name}/{name}.py": text for name, text in sources.items()}), load_course(course.root)
    )
    assert [exercise.score for exercise in result.exercises] == [0.0, 4.0, 0.0, 4.0]
    assert [exercise.status for exercise in result.exercises] == ["cannot be tested", "graded"] * 2


def test_an_exercise_sees_its_own_files_and_no_others(
    make_course: Callable[..., Course], tmp_path: Path, reference: str
) -> None:
    course = make_course(tmp_path / "two", ("first", "second"))
    source = f"""import pathlib
for file in sorted(pathlib.Path(__file__).parents[1].rglob("*.py")):
    print(file)
{reference.replace("2 *", "5 *")}"""  # what a program prints is shown if it fails
    files = {"first/first.py": source, "second/second.py": source, "second/beside.py": ""}
    result = grade(course.submit(files), load_course(course.root))
    first, second = (exercise.tests[0].evidence["output"].split() for exercise in result.exercises)
    assert [file.rpartition("/")[2] for file in first] == ["first.py"]
    assert [file.rpartition("/")[2] for file in second] == ["beside.py", "second.py"]


def test_where_the_first_failure_is_the_last_test_no_other_exercise_is_begun(
    make_course: Callable[..., Course], tmp_path: Path, reference: str
) -> None:
    course = make_course(tmp_path / "two", ("first", "second"))
    files = {"first/first.py": NO_THREAD, "second/second.py": reference}

    def until_failure(plan: Plan, listener: Listener) -> SessionOutcome:
        return run_alone(replace(plan, until_failure=True), listener)

    result = grade(course.submit(files), load_course(course.root), sessions=until_failure)
    first, second = ([test.verdict for test in exercise.tests] for exercise in result.exercises)
    assert first == ["passed", "passed", "failed"]
    assert second == ["inconclusive"] * 3


def test_no_state_passes_from_test_to_test(course: Course) -> None:
    source = """
import os, threading
seen = os.path.exists("/tmp/seen")
open("/tmp/seen", "w").close()
times = []

def double(number, work):
    times.append(1)
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 0 if seen or len(times) > 1 else 2 * found[0]
"""
    assert graded(course, source, tier="jail").score == 4.0


def test_a_tier_that_cannot_be_had_is_the_graders_affair(course: Course, reference: str) -> None:
    result = graded(course, reference, tier="nonsense")
    assert (result.score, result.inconclusive) == (0.0, 4.0)
    assert "there is no tier 'nonsense'" in result.exercises[0].tests[0].reason


def test_a_wrong_test_file_is_the_graders_affair(course: Course, reference: str) -> None:
    assert course.hidden is not None
    course.hidden += "\nraise RuntimeError('at import of the tests')\n"
    course.write()
    result = graded(course, reference)
    public, *hidden = result.exercises[0].tests
    assert (public.verdict, result.score, result.inconclusive) == ("passed", 1.0, 3.0)
    assert {test.evidence["kind"] for test in hidden} == {"grader's fault"}
    assert any("at import of the tests" in note for note in result.notes)
