"""Gradings for a check: a file, or a text, handed in under the exercise's name."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from grader.checking.known import Known
from grader.course import Course, Exercise
from grader.coverage import Coverage, measure
from grader.grading import grade
from grader.results import Result
from grader.session import Listener, SessionOutcome, Sessions
from grader.testing.plan import Plan, PlannedExercise
from grader.testing.watch import Limits

_MUTANT_CPU_SECONDS = 0.5
"""Of CPU without an answer: one in eleven of this pack's mutants runs for ever."""


def grade_known(known: Known, course: Course, sessions: Sessions) -> Result:
    """The result of a known submission; without the stories that nobody would read.

    Every test is run but those that may go either way: they would tell nothing of the pack.
    """

    def that_tell(exercise: PlannedExercise) -> PlannedExercise:
        tests = [test for test in exercise.tests if test.name not in known.may_fail]
        return msgspec.structs.replace(exercise, tests=tests)

    return _grade(known.file.read_bytes(), known.exercise, course, _with(sessions, that_tell))


def grade_until_failure(
    source: str, exercise: Exercise, course: Course, sessions: Sessions, seconds: dict[str, float], world: bool = True
) -> Result:
    """The result of a text as far as the first test that fails; the quick tests come first, patience is short.

    Args:
        source: what is handed in.
        exercise: which one it is handed in for.
        course: of the exercise.
        sessions: has the tests run.
        seconds: how long each test may be expected to take, by its name.
        world: whether tests in the controlled world are run, too.
    """

    def quick_first(exercise: PlannedExercise) -> PlannedExercise:
        tests = sorted(exercise.tests, key=lambda test: seconds.get(test.name, 0.0))
        seconds_of_cpu = min(_MUTANT_CPU_SECONDS, exercise.limits.get("cpu_seconds", Limits.cpu_seconds))
        return msgspec.structs.replace(exercise, tests=tests, limits=exercise.limits | {"cpu_seconds": seconds_of_cpu})

    return _grade(source.encode(), exercise, course, _with(sessions, quick_first, until_failure=True, world=world))


def reach(known: Known, course: Course, sessions: Sessions) -> Coverage:
    """Which lines and branches of a submission the tests reach, those with real threads."""
    arcs: list[tuple[int, int]] = []

    def traced(plan: Plan, listener: Listener) -> SessionOutcome:
        outcome = sessions(plan, listener)
        arcs.extend(outcome.arcs.get(known.exercise.name, []))
        return outcome

    _grade(known.file.read_bytes(), known.exercise, course, _with(traced, lines=True, world=False))
    return measure(known.file, arcs)


def _with(
    sessions: Sessions, change: Callable[[PlannedExercise], PlannedExercise] = lambda one: one, **settings: bool
) -> Sessions:
    """Sessions for a plan with other settings; no stories in any case."""

    def run(plan: Plan, listener: Listener) -> SessionOutcome:
        exercises = list(map(change, plan.exercises))
        return sessions(msgspec.structs.replace(plan, exercises=exercises, stories=False, **settings), listener)

    return run


def _grade(source: bytes, exercise: Exercise, course: Course, sessions: Sessions) -> Result:
    with tempfile.TemporaryDirectory(prefix="threadlab-") as folder:
        handed_in = Path(folder) / f"{exercise.name}.py"
        handed_in.write_bytes(source)
        return grade(handed_in, course, [exercise.name], sessions=sessions)
