"""What was seen of a real run, in order: spans of calls, probes, requests and connections in lanes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.testing.history import History
from grader.testing.outcomes import RuleBroken

if TYPE_CHECKING:
    from tests.conftest import Course, Labs

ONE_BY_ONE = """
    import threading

    def both(work):
        for number in range(2):
            thread = threading.Thread(target=work, args=(number,))
            thread.start()
            thread.join()
"""
SHOUTS = "import sys\n\ndef double(number, work):\n    print('I am here')\n    return 3\n"


def test_lanes_are_numbered_as_they_come() -> None:
    history = History()
    history.begin("a", "thread {}", "probe", "work 1")
    history.begin("b", "caller {}", "call", "go")
    history.begin("c", "thread {}", "probe", "work 2")
    history.begin("a", "thread {}", "probe", "work 3")
    found = history.as_evidence()
    assert found["lanes"] == ["thread 1", "caller 1", "thread 2"]
    assert [span["lane"] for span in found["spans"]] == [0, 1, 2, 0]


def test_what_is_over_has_an_end_and_ends_once() -> None:
    history = History()
    span = history.begin("a", "thread {}", "probe", "work 1")
    history.begin("b", "thread {}", "probe", "work 2")
    history.end(span)
    history.end(span)
    history.end(None)
    found = history.as_evidence()
    assert [(one["began"], one["ended"]) for one in found["spans"]] == [(1, 3), (2, None)]
    assert found["length"] == 3


def test_nothing_seen_is_no_evidence() -> None:
    assert History().as_evidence() == {}


def test_a_flood_is_cut_and_counted() -> None:
    history = History()
    for number in range(1000):
        history.begin(number, "thread {}", "probe", "work")
    found = history.as_evidence()
    assert len(found["spans"]) + found["left_out"] == 1000 and len(found["spans"]) == 200


def test_a_held_thread_is_seen_to_keep_the_next_one_from_coming(lab: Labs) -> None:
    mine = lab(ONE_BY_ONE)
    work = mine.gate("work")
    mine.student.begin("both", work)
    with pytest.raises(RuleBroken):
        work.wait(2)
    call, first, wait = mine.student.witnessed()["history"]["spans"]
    assert (wait["kind"], wait["label"], wait["lane"]) == ("wait", "waits for a thread to end (join)", call["lane"])
    assert (call["kind"], call["label"], call["ended"]) == ("call", "both", None)
    assert (first["kind"], first["label"], first["ended"], first["held"]) == ("probe", "work 1", None, True)


def test_threads_one_after_the_other_do_not_overlap(lab: Labs) -> None:
    mine = lab(ONE_BY_ONE)
    mine.student.both(mine.probe("work"))
    _, first, second = mine.student.witnessed()["history"]["spans"]
    assert first["ended"] < second["began"]


def test_a_failed_test_tells_what_was_seen_and_printed(course: Course) -> None:
    tests = {test["name"]: test for test in course.grade(SHOUTS).exercise()["tests"]}
    failed = tests["test_twice"]["evidence"]
    assert failed["output"] == "I am here\n"
    assert [span["label"] for span in failed["history"]["spans"]] == ["double"]
