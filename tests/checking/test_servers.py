"""Servers of test sessions: one submission after the other, each as if it were the only one."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.checking.gradings import grade_known, grade_until_failure
from grader.checking.known import Known, known_submissions
from grader.checking.servers import Servers
from grader.course import load_course
from grader.grading import grade
from grader.results import Result

if TYPE_CHECKING:
    from tests.checking.conftest import KnownCourse

REMEMBERS = """

seen = []

@rule("twice")
def test_twice_of_a_fraction(student, probe):
    seen.append(student.double(0.5, probe("work", returns=0.5)))
    assert seen == [1.0], "a module of tests is used for a second submission"
"""


@pytest.fixture
def servers() -> Iterator[Servers]:
    with Servers(1) as made:
        yield made


def verdicts(result: Result) -> list[tuple[str, str, float]]:
    return [(test.name, test.verdict, test.score) for test in result.exercises[0].tests]


def graded(known: Known, servers: Servers) -> Result:
    return grade_known(known, load_course(known.exercise.folder.parents[1]), servers.run)


def submissions(known: KnownCourse) -> list[Known]:
    return known_submissions(load_course(known.course.root).exercises[0])


def test_verdicts_are_those_of_a_grading_alone(known: KnownCourse, servers: Servers, tmp_path: Path) -> None:
    course = load_course(known.course.root)
    for one in submissions(known)[1:]:
        handed_in = tmp_path / "double.py"
        handed_in.write_bytes(one.file.read_bytes())
        alone = grade(handed_in, course)
        served = graded(one, servers)
        assert verdicts(served) == verdicts(alone) and served.digest == alone.digest
        assert served.environment == alone.environment


def test_tests_that_may_go_either_way_are_not_run(known: KnownCourse, servers: Servers) -> None:
    known.add(
        "faulty", "# wrong: x\n# fails: test_twice\n# may fail: test_work_has_its_own_thread\ndouble = print\n", "n.py"
    )
    (one,) = [one for one in submissions(known) if one.file.name == "n.py"]
    run = {name for name, verdict, _ in verdicts(graded(one, servers)) if verdict != "inconclusive"}
    assert run == {"test_twice", "test_twice_of_a_fraction"}


def test_modules_of_tests_are_not_kept(known: KnownCourse, servers: Servers) -> None:
    hidden = known.solution / "test_hidden.py"
    head, _, rest = hidden.read_text().partition('@rule("twice")')
    hidden.write_text(head + REMEMBERS + '\n@rule("own-thread")' + rest.partition('@rule("own-thread")')[2])
    reference = submissions(known)[1]
    for _ in range(2):
        assert graded(reference, servers).score == 4.0


def test_a_server_that_dies_costs_one_grading(known: KnownCourse, servers: Servers) -> None:
    reference = submissions(known)[1]
    hidden = known.solution / "test_hidden.py"
    before = hidden.read_text()
    hidden.write_text(before.replace("    work = probe", "    import os; os._exit(7)\n    work = probe", 1))
    died = graded(reference, servers)
    assert died.inconclusive > 0 and died.notes == ["the server of test sessions has ended, with exit code 7"]
    hidden.write_text(before)
    assert graded(reference, servers).score == 4.0


def test_the_first_failure_is_the_last_test(known: KnownCourse, servers: Servers) -> None:
    course = load_course(known.course.root)
    source = "def double(number, work):\n    return 2 * work(number)\n"
    seconds = {"test_twice": 2.0, "test_twice_of_a_fraction": 3.0, "test_work_has_its_own_thread": 1.0}
    result = grade_until_failure(source, course.exercises[0], course, servers.run, seconds)
    assert {test.name: test.verdict for test in result.exercises[0].tests} == {
        "test_twice": "inconclusive",
        "test_twice_of_a_fraction": "inconclusive",
        "test_work_has_its_own_thread": "failed",
    }


def test_patience_with_a_mutant_is_short(known: KnownCourse, servers: Servers) -> None:
    about = known.course.root / "exercises" / "double" / "exercise.yaml"
    about.write_text(about.read_text().replace("cpu_seconds: 0.3", "cpu_seconds: 100"))
    course = load_course(known.course.root)
    source = "def double(number, work):\n    while True:\n        pass\n"
    result = grade_until_failure(source, course.exercises[0], course, servers.run, {})
    (failed,) = (test for test in result.exercises[0].tests if test.verdict == "failed")
    assert ": 0.5 s of CPU with no answer." in failed.reason


def test_all_run_on_the_cpus_that_are_given(known: KnownCourse) -> None:
    cpu = max(os.sched_getaffinity(0))
    with Servers(1, {cpu}) as servers:
        (server,) = servers._all
        assert os.sched_getaffinity(server._process.pid) == {cpu}
        assert graded(submissions(known)[1], servers).score == 4.0


def test_a_signal_ends_a_server_and_leaves_nothing(known: KnownCourse, servers: Servers) -> None:
    graded(submissions(known)[1], servers)
    process = servers._all[0]._process
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 0
