"""One result of many verdicts: those that came in, and a reason for each that did not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from grader.course import Course, pack_digest
from grader.hints import hints_of_broken
from grader.intake import Found, Intake
from grader.planning import UNTESTABLE, Case, tests_of
from grader.results import (
    GRADERS_FAULT,
    PUBLIC_ONLY,
    STUDENT_TESTS,
    ExerciseResult,
    Result,
    TestResult,
    exercise_result,
    result,
)
from grader.session import SessionOutcome
from grader.testing.plan import PlannedTest


def put_together(case: Case, outcome: SessionOutcome) -> ExerciseResult:
    """One exercise's result: verdicts as they came, or the one reason for all tests."""
    tests = [
        outcome.tests.get((case.exercise.name, test.name)) or _untested(case, test, outcome) for test in case.tests
    ]
    notes = list(case.notes)
    bonus = outcome.tests.get((case.exercise.name, STUDENT_TESTS))
    if bonus is not None:
        notes.append(f"tests of your own: {bonus.reason}")
        tests.append(_within(case, tests, bonus))
    status, reason = case.status, case.reason
    if tests and all(test.evidence.get("during") == "import" for test in tests):
        status, reason = UNTESTABLE, tests[0].reason
    hints = hints_of_broken(case.exercise, tests) if status == "graded" else {}
    return exercise_result(case.exercise.name, case.exercise.title, tests, status, reason, notes, hints)


def result_of(
    course: Course, intake: Intake, graded: list[ExerciseResult], outcome: SessionOutcome, without: Sequence[str]
) -> Result:
    """The result of a submission, with all that is to be said of it as a whole.

    Args:
        course: graded with.
        intake: the submission.
        graded: its exercises.
        outcome: of the sessions.
        without: groups of tests that were left out.
    """
    notes = list(outcome.faults)
    if without:
        notes.insert(0, f"Left out, with their points: the tests of the groups {', '.join(without)}.")
    if any(PUBLIC_ONLY in exercise.notes for exercise in graded):
        notes.insert(0, PUBLIC_ONLY)
    environment = outcome.environment | ({"interrupted": True} if outcome.interrupted else {})
    fields: dict[str, Any] = {"environment": environment, "pack": pack_digest(course), "digest": intake.digest}
    return result(intake.name, graded, notes=notes, **fields)


def ungraded(found: Sequence[Found], course: Course, reason: str, without: Sequence[str] = ()) -> list[ExerciseResult]:
    """The results of exercises that the grader failed to grade: nothing is decided.

    Args:
        found: the exercises, as intake found them.
        course: the pack.
        reason: what went wrong.
        without: groups of tests that are left out.
    """
    outcome = SessionOutcome(faults=[reason])
    exercises = [(course.exercise(one.exercise), one) for one in found]
    cases = [Case(exercise, one, tests_of(exercise, without), notes=one.notes) for exercise, one in exercises]
    return [put_together(case, outcome) for case in cases]


def at_fault(result: ExerciseResult) -> bool:
    """Whether something of it was not decided because the grader itself failed."""
    return any(test.evidence.get("kind") == GRADERS_FAULT for test in result.tests)


def _within(case: Case, tests: Sequence[TestResult], bonus: TestResult) -> TestResult:
    """A bonus as far as there is room for it: it fills up what is missing, and no exercise gives more than it has."""
    room = sum(test.points for test in case.tests) - sum(test.score for test in tests)
    return msgspec.structs.replace(bonus, score=max(0.0, min(float(bonus.evidence["earned"]), room)))


def _untested(case: Case, test: PlannedTest, outcome: SessionOutcome) -> TestResult:
    """The verdict on a test that was not run: the submission's fault, or else nobody's."""
    own = case.status != "graded"
    return TestResult(
        name=test.name,
        group=test.group,
        visibility=test.visibility,
        verdict="failed" if own else "inconclusive",
        score=0.0,
        max_score=test.points,
        reason=case.reason if own else outcome.why_not_run,
        rule=test.rule,
        evidence={"kind": case.status if own else GRADERS_FAULT},
        duration=0.0,
    )
