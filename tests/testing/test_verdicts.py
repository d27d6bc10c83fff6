"""From what a test ended with to its verdict, through a session as the grader runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Course

HEAD = """
import os
import statistics

from grader.testing import Inconclusive, RuleBroken, fault, rule

"""

# What a test does, and the verdict and reason that must come of it.
OUTCOMES = {
    "passes": ("pass", "passed", ""),
    "fails_with_words": ("assert 1 == 2, 'not one'", "failed", "not one"),
    "fails_without": ("assert 1 == 2", "failed", "the rule is broken"),
    "rule_broken": ("raise RuleBroken('told so', {'kind': 'odd'})", "failed", "told so"),
    "cannot_tell": ("raise Inconclusive('cannot tell')", "inconclusive", "cannot tell"),
    # The test's own line could not handle what the student's code gave it.
    "no_length": ("len(student.double(1, None))", "failed", "a value of another kind"),
    "no_key": ("student.double([], None)['x']", "failed", "a value of another kind"),
    "no_int": ("int(student.double(float('inf'), None))", "failed", "a value of another kind"),
    "no_divisor": ("1 / student.double(0, None)", "failed", "a value of another kind"),
    "no_attribute": ("student.double('x', None).missing", "failed", "a value of another kind"),
    # The test itself is wrong.
    "wrong_itself": ("raise RuntimeError('mine')", "inconclusive", "the grader itself failed: RuntimeError: mine"),
    "no_file": ("os.stat('/nowhere')", "inconclusive", "the grader itself failed: FileNotFoundError"),
    "no_value": ("student.double(object(), None)", "inconclusive", "cannot be sent"),
    "no_option": ("probe('work', nonsense=1)", "inconclusive", "the grader itself failed: TypeError"),
    "skipped": ("import pytest; pytest.skip('not today')", "inconclusive", "not today"),
    # What cannot be sent as it is.
    "half_a_character": (r"assert False, student.double('\ud800', None) + 'x' * 3_000_000", "failed", r"\ud800xxx"),
    **{
        f"evidence_{number}": (f"evidence('seen', {value})\nassert False, 'with evidence'", "failed", "with evidence")
        for number, value in enumerate(
            [
                r"'\ud800'",
                "object()",
                "10 ** 40",
                "float('nan')",
                "{1: {2: (3, {4})}}",
                r"b'\xff'",
                "'x' * 3_000_000",
                "student",
                "[fault(ValueError)] * 3",
            ]
        )
    },
    "passes_after_all": ("assert student.double(3, None) == 3, 'another test has harmed this one'", "passed", ""),
}


@pytest.fixture(scope="module")
def verdicts(make_course: Callable[..., Course], tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The verdicts on one hidden test for each outcome, all in one session, by its name."""
    course = make_course(tmp_path_factory.mktemp("verdicts") / "course")
    listed = "".join(f", test_{name}: 1" for name in OUTCOMES)
    head, _, _ = course.rubric.partition("groups:")
    course.rubric = head.replace("points: 4", f"points: {len(OUTCOMES) + 1}") + (
        f"groups:\n  correctness:\n    points: {len(OUTCOMES) + 1}\n    tests: {{test_twice: 1{listed}}}\n"
    )
    course.hidden = HEAD
    for name, (body, _, _) in OUTCOMES.items():
        lines = "".join(f"    {line}\n" for line in body.split("\n"))
        course.hidden += f'\n@rule("own-thread")\ndef test_{name}(student, probe, evidence):\n{lines}\n'
    course.points = len(OUTCOMES) + 1
    graded = course.write().grade("def double(number, work):\n    return number\n")
    assert graded.status == 3 and graded.errors == ""
    return {test["name"].removeprefix("test_"): test for test in graded.exercise()["tests"]}


@pytest.mark.parametrize("name", OUTCOMES)
def test_every_end_of_a_test_has_its_verdict(verdicts: dict[str, dict[str, Any]], name: str) -> None:
    _, verdict, reason = OUTCOMES[name]
    test = verdicts[name]
    assert test["verdict"] == verdict and reason in test["reason"], test
    assert test["score"] == (1.0 if verdict == "passed" else 0.0)
    assert "Traceback" not in test["reason"] and len(test["reason"]) < 100_000
    if name.startswith("evidence"):
        assert len(str(test["evidence"]["seen"])) < 100_000
    if verdict == "inconclusive" and name != "cannot_tell":
        assert test["evidence"]["kind"] == "grader's fault"


def test_a_death_at_the_very_end_is_seen(course: Course) -> None:
    assert course.hidden is not None
    course.hidden = course.hidden.replace(
        "    student.double(1, work)\n",
        "    student.begin('double', 1, work).wait()\n    student.settle()\n    student.settle()\n",
    )
    leave = "threading.Thread(target=os._exit, args=(0,)).start()"
    source = f"import os, threading\ndef double(number, work):\n    {leave}\n    return 1\n"
    test = course.write().grade(source).exercise()["tests"][-1]
    assert test["verdict"] == "failed" and "exit status 0" in test["reason"]
