"""Gradings for a check: a file, or a text, handed in under the exercise's name."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from grader.checking.known import Known
from grader.course import Course, Exercise
from grader.coverage import Coverage, measure
from grader.grading import Sessions, grade
from grader.results import Result
from grader.session import Listener, SessionOutcome
from grader.testing.plan import Plan, PlannedExercise


def grade_known(known: Known, course: Course, sessions: Sessions) -> Result:
    """The result of a known submission, every test run; without the stories that nobody would read."""
    return _grade(known.file.read_bytes(), known.exercise, course, _changed(sessions, lambda one: one, False))


def grade_until_failure(
    source: str, exercise: Exercise, course: Course, sessions: Sessions, seconds: dict[str, float]
) -> Result:
    """The result of a text as far as the first test that fails; the quick tests come first.

    Args:
        source: what is handed in.
        exercise: which one it is handed in for.
        course: of the exercise.
        sessions: has the tests run.
        seconds: how long each test may be expected to take, by its name.
    """

    def quick_first(exercise: PlannedExercise) -> PlannedExercise:
        tests = sorted(exercise.tests, key=lambda test: seconds.get(test.name, 0.0))
        return msgspec.structs.replace(exercise, tests=tests)

    return _grade(source.encode(), exercise, course, _changed(sessions, quick_first, True))


def reach(known: Known, course: Course, sessions: Sessions) -> Coverage:
    """Which lines and branches of a submission the tests reach."""
    arcs: list[tuple[int, int]] = []

    def traced(plans: Sequence[Plan], listener: Listener) -> SessionOutcome:
        outcome = sessions([msgspec.structs.replace(plan, lines=True) for plan in plans], listener)
        arcs.extend(outcome.arcs.get(known.exercise.name, []))
        return outcome

    grade_known(known, course, traced)
    return measure(known.file, arcs)


def _changed(sessions: Sessions, change: Callable[[PlannedExercise], PlannedExercise], until_failure: bool) -> Sessions:
    def run(plans: Sequence[Plan], listener: Listener) -> SessionOutcome:
        return sessions(
            [
                msgspec.structs.replace(
                    plan,
                    exercises=[change(one) for one in plan.exercises],
                    until_failure=until_failure,
                    stories=False,
                )
                for plan in plans
            ],
            listener,
        )

    return run


def _grade(source: bytes, exercise: Exercise, course: Course, sessions: Sessions) -> Result:
    with tempfile.TemporaryDirectory(prefix="threadlab-") as folder:
        handed_in = Path(folder) / f"{exercise.name}.py"
        handed_in.write_bytes(source)
        return grade(handed_in, course, [exercise.name], sessions=sessions)
