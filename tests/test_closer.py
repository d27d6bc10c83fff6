"""`grade explain` and `grade replay`, as a user types them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Course

SHARED = """
import threading

found = None


def double(number, work):
    global found

    def run():
        global found
        found = work(number)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return 2 * found
"""
RACE = """
from grader.testing import rule


@rule("twice")
def test_twice_of_a_fraction(student):
    assert student.double


@rule("own-thread")
def test_work_has_its_own_thread(world):
    work = world.probe("work", answers=[(1, 10), (2, 20)])
    with world.thread():
        first = world.call("double", 1, work)
    second = world.call("double", 2, work)

    @world.every_schedule(schedules=60)
    def check(ran):
        assert (ran[first], ran[second]) == (20, 40), "two callers at once got each other's results"
"""


@pytest.fixture
def racing(course: Course) -> Course:
    """A course with a hidden test that looks for a race, and a submission that has one."""
    course.hidden = RACE
    course.write()
    course.submit({"double.py": SHARED})
    return course


def test_one_test_is_explained(racing: Course) -> None:
    told = racing.run("explain", "own_thread", racing.root.parent / "handed_in")
    assert told.status == 0, told.errors
    assert told.output.startswith("failed work_has_its_own_thread 0/2 hidden")
    assert "`work` is called in a thread of its own." in told.output and "found = work(number)" in told.output
    assert "twice_of_a_fraction" not in told.output


def test_a_schedule_of_a_report_can_be_replayed(racing: Course) -> None:
    report = racing.run("run", racing.root.parent / "handed_in")
    turns, path = report.output.partition("grade replay ")[2].split()[:2]
    again = racing.run("replay", turns, path)
    assert again.status == 0 and "failed work_has_its_own_thread" in again.output
    assert "two callers at once got each other's results" in again.output and "writes found" in again.output
    corrected = SHARED.replace("found = None", "").replace("    global found\n", "    found = None\n", 1)
    racing.submit({"double.py": corrected.replace("global found", "nonlocal found")})
    held = racing.run("replay", turns, path)
    assert held.status == 0 and held.output.startswith("passed work_has_its_own_thread") and "How" in held.output


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["explain", "nonsense"], 'no test "nonsense"'),
        (["replay", "own_thread"], "is not TEST:SCHEDULE"),
        (["replay", "own_thread:x"], "is no schedule"),
        (["replay", "test_twice:3.1"], "runs under no schedules"),
    ],
)
def test_what_cannot_be_meant_is_refused(racing: Course, command: list[str], words: str) -> None:
    told = racing.run(*command, racing.root.parent / "handed_in")
    assert told.status == 2 and words in told.errors and "Traceback" not in told.errors


def test_a_page_and_a_trace_are_written_on_request(racing: Course) -> None:
    folder = racing.root.parent
    done = racing.run("run", folder / "handed_in", "--html", folder / "a.html", "--trace", folder / "a.json")
    assert done.status == 0
    assert b"data-play" in (folder / "a.html").read_bytes() and b"traceEvents" in (folder / "a.json").read_bytes()
    refused = racing.run("run", folder / "handed_in", "--html", folder / "nowhere" / "a.html")
    assert refused.status == 2 and "a.html: cannot be written" in refused.errors


SPEEDUP = """
from grader.testing import rule


@rule("twice")
def test_twice_of_a_fraction(student):
    assert student.double


@rule("own-thread")
def test_work_has_its_own_thread(world):
    work = world.probe("work", takes=[(1, 3.0), (2, 5.0)], answers=[(1, 10), (2, 20)])
    with world.thread():
        world.call("double", 1, work)
    world.call("double", 2, work)
    world.speedup(cores=2)
"""


def test_the_reference_is_drawn_beside_the_submission(course: Course) -> None:
    course.hidden = SPEEDUP
    folder = course.write().root.parent
    course.submit({"double.py": SHARED})
    graded = course.run("run", folder / "handed_in", "--html", folder / "a.html", "--json", folder / "a.json")
    assert graded.status == 0, graded.errors
    tests = json.loads((folder / "a.json").read_text())["exercises"][0]["tests"]
    (curve,) = [test["evidence"]["curve"] for test in tests if "curve" in test["evidence"]]
    assert curve["reference"] == curve["points"] == [[1, 1.0], [2, 1.6], [4, 1.6], [8, 1.6], [16, 1.6]]
    assert "the reference&#x27;s" in (folder / "a.html").read_text()


def test_a_schedule_that_is_none_is_no_verdict_and_no_crash(racing: Course) -> None:
    told = racing.run("replay", "own_thread:99999.7", racing.root.parent / "handed_in")
    assert told.status == 0 and "Traceback" not in told.output + told.errors
