"""`grade check` on a miniature course: what makes it releasable, and what does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from grader.checking.check import CheckOptions
from grader.checking.headers import HeaderError
from grader.checking.known import Uncheckable
from grader.course import CourseError

if TYPE_CHECKING:
    from tests.checking.conftest import KnownCourse
    from tests.conftest import Course

Options = Callable[..., CheckOptions]

FLAKY = '''

@rule("own-thread")
def test_work_has_its_own_thread(student, probe):
    """Fails every second time it is run on this submission."""
    import pathlib

    student.double(1, probe("work", returns=1))
    seen = pathlib.Path(__file__).with_name("seen")
    seen.write_text(seen.read_text() + "." if seen.exists() else ".")
    assert len(seen.read_text()) % 2, "work was not called once"
'''


def problems(known: KnownCourse, options: CheckOptions | None = None) -> list[str]:
    result = known.check(options) if options else known.check()
    assert result.releasable == (not result.exercises[0].problems)
    return result.exercises[0].problems


# --- known submissions ---------------------------------------------------------------------------


def test_a_course_whose_submissions_get_what_they_should_is_releasable(known: KnownCourse) -> None:
    result = known.check()
    assert result.releasable and result.gradings == 4 == known.told.total
    assert [(one.name, one.score) for one in result.exercises[0].submissions] == [
        ("stub", 0.0),
        ("reference", 4.0),
        ("correct/one.py", 4.0),
        ("faulty/one.py", 2.0),
    ]


def test_a_stub_with_points_is_told(known: KnownCourse) -> None:
    stub = known.course.root / "exercises" / "double" / "double.py"
    stub.write_text("def double(number, work):\n    return 2 * work(number)\n")
    assert problems(known) == ["stub: the stub gets 2 points"]


def test_a_reference_that_fails_is_told(known: KnownCourse) -> None:
    (known.solution / "double.py").write_text("def double(number, work):\n    return 2 * work(number)\n")
    (told,) = problems(known)
    assert told.startswith("reference: test_work_has_its_own_thread: failed: work was not called once")


def test_a_correct_variant_that_fails_is_told(known: KnownCourse) -> None:
    known.add("correct", "def double(number, work):\n    return work(number)\n", "bad.py")
    assert len(problems(known)) == 3


def test_a_faulty_one_must_fail_where_its_head_says_and_nowhere_else(known: KnownCourse) -> None:
    known.add("faulty", NO_THREAD_BUT_SAYS_TWICE)
    assert problems(known) == [
        "faulty/one.py: test_twice: must fail and passed",
        "faulty/one.py: test_work_has_its_own_thread: must pass and failed",
    ]


NO_THREAD_BUT_SAYS_TWICE = """# wrong: says what it is not
# fails: test_twice
def double(number, work):
    return 2 * work(number)
"""


def test_a_test_that_nobody_fails_is_noted_and_no_problem(known: KnownCourse) -> None:
    result = known.check()
    assert result.releasable
    assert "no faulty submission fails test_twice" in result.exercises[0].notes


def test_a_course_with_public_tests_alone_is_checked_by_them(known: KnownCourse) -> None:
    (known.solution / "test_hidden.py").unlink()
    (known.solution / "faulty" / "one.py").unlink()
    result = known.check()
    assert result.releasable and "there are no hidden tests: the public ones were run" in result.exercises[0].notes


def test_what_a_course_lacks_is_named(known: KnownCourse) -> None:
    (known.solution / "double.py").unlink()
    with pytest.raises(Uncheckable, match=r"solutions/double/double.py: no reference is here"):
        known.check()
    (known.solution / "double.py").write_text("import os\n")
    known.add("faulty", "import os\n")
    with pytest.raises(HeaderError, match="the head has no `# wrong"):
        known.check()
    with pytest.raises(CourseError, match="did you mean"):
        known.check(CheckOptions(("duoble",)))


def test_all_that_is_wrong_comes_as_it_is_found(known: KnownCourse) -> None:
    known.add("faulty", NO_THREAD_BUT_SAYS_TWICE)
    known.check()
    told = dict(known.told.graded_)
    assert told["faulty/one.py"][0] == "test_twice: must fail and passed" and told["reference"] == []


# --- again and again ----------------------------------------------------------------------------


def test_rounds_run_under_load_and_on_one_cpu(known: KnownCourse, options: Options) -> None:
    result = known.check(options(repeat=3, load=1))
    assert result.releasable and result.gradings == 12
    assert known.told.rounds == [
        "round 1, with nothing else",
        "round 2, with 1 busy loops",
        "round 3, with 1 busy loops and one CPU",
    ]


def test_a_verdict_that_changes_counts_against_the_pack(known: KnownCourse, options: Options) -> None:
    hidden = known.solution / "test_hidden.py"
    hidden.write_text(hidden.read_text().partition('@rule("own-thread")')[0] + FLAKY)
    (known.solution / "correct" / "one.py").unlink()
    (known.solution / "faulty" / "one.py").unlink()
    result = known.check(options(repeat=2, jobs=1))
    assert not result.releasable and not result.exercises[0].problems
    (changed,) = result.changed
    assert (changed.submission, changed.test) == ("reference", "test_work_has_its_own_thread")
    assert (changed.first, changed.then, changed.round) == ("passed", "failed", 2)


# --- mutants and coverage --------------------------------------------------------------------------


def test_every_mutant_must_be_killed_or_judged(known: KnownCourse, options: Options) -> None:
    told = problems(known, options(mutants=True))
    survivors = [line.split()[1].rstrip(":") for line in told]
    assert [name.partition("/")[0] for name in survivors] == ["share-what-is-fresh", "change-constant"]
    judged = "".join(f"- {{id: {name}, equivalent: Only one item is ever in it.}}\n" for name in survivors)
    (known.solution / "mutants.yaml").write_text(judged)
    result = known.check(options(mutants=True))
    assert result.releasable
    mutants = result.exercises[0].mutants
    assert mutants is not None and {one.id for one in mutants if one.equivalent} == set(survivors)
    killed = next(one for one in mutants if one.id.startswith("drop-call/double"))
    assert killed.killed_by and killed.concurrency and "+    pass" in killed.diff


def test_a_judgement_that_a_test_refutes_is_a_problem_and_a_stale_one_a_note(
    known: KnownCourse, options: Options
) -> None:
    mutants = known.check(options(mutants=True)).exercises[0].mutants or []
    killed = next(one.id for one in mutants if one.killed_by)
    judged = f"- {{id: {killed}, equivalent: So it seemed.}}\n- {{id: gone/f/1, equivalent: It was.}}\n"
    (known.solution / "mutants.yaml").write_text(judged)
    result = known.check(options(mutants=True)).exercises[0]
    assert any(line.startswith(f"mutant {killed}: is judged equivalent, and test_") for line in result.problems)
    assert "mutants.yaml judges gone/f/1, and there is no such mutant: take it out" in result.notes


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- {id: a, equivalent: b}\n- {id: a, equivalent: c}\n", r"mutants.yaml:2: .*judged a second time"),
        ("- {id: a}\n", r'mutants.yaml:1: missing key "\[0\].equivalent"; add it'),
        ("- {id: a, equivalent: ''}\n", "is empty; fill it in"),
        ("a: b\n", "must be a list"),
    ],
)
def test_a_file_of_judgements_that_cannot_be_read_is_told(
    known: KnownCourse, options: Options, text: str, told: str
) -> None:
    (known.solution / "mutants.yaml").write_text(text)
    with pytest.raises(CourseError, match=told):
        known.check(options(mutants=True))


def test_lines_and_branches_that_no_test_reaches_are_told(known: KnownCourse, options: Options) -> None:
    reference = known.solution / "double.py"
    assert problems(known, options(coverage=True)) == []
    reference.write_text(reference.read_text() + "    if number is None:\n        number = 3\n    return None\n")
    before, _, after = reference.read_text().partition("    return 2")
    reference.write_text(f"{before}    if number is None:\n        number = 3\n    return 2{after}")
    (told,) = problems(known, options(coverage=True))
    assert "not line 11" in told and "never from line 10 to line 11" in told


# --- the command line ----------------------------------------------------------------------------------


def test_the_command_tells_in_a_table_and_in_json(known: KnownCourse, course: Course) -> None:
    done = course.run("check", "--no-mutants", "--json", "check.json")
    assert done.status == 0 and "The pack is releasable." in done.output and "1/1" in done.output
    found = json.loads((course.root.parent / "check.json").read_text())
    assert found["schema"] == "threadlab/check/v1" and found["releasable"]
    assert found["exercises"][0]["coverage"]["missed_lines"] == []
    assert "5/5" in done.errors


def test_a_pack_that_is_not_releasable_is_status_1(known: KnownCourse, course: Course) -> None:
    known.add("faulty", NO_THREAD_BUT_SAYS_TWICE)
    done = course.run("check", "--no-mutants", "--no-coverage", "--json", "-")
    assert done.status == 1 and not json.loads(done.output)["releasable"]
    assert "double faulty/one.py: test_twice: must fail and passed" in done.errors


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["-e", "duoble"], 'did you mean "double"?'),
        (["--json", "/nowhere/x.json"], "cannot be written"),
        (["--repeat", "0"], "0 is not in the range"),
        ([], "the head has no `# wrong: ...` line; add it"),
    ],
)
def test_what_cannot_be_checked_is_status_2(known: KnownCourse, course: Course, args: list[str], told: str) -> None:
    known.add("faulty", "import os\n")
    done = course.run("check", *args)
    assert done.status == 2 and told in done.errors and "Traceback" not in done.errors


def test_without_solutions_there_is_nothing_to_check(course: Course) -> None:
    for file in (course.root / "solutions" / "double").iterdir():
        file.unlink()
    (course.root / "solutions" / "double").rmdir()
    done = course.run("check")
    assert done.status == 2 and "`grade check` is for a course with its solutions" in done.errors
