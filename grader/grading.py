"""One submission -> one result: the story of a grading.

Take the submission in; see what can be tested at all; have the rest tested in a session of its own;
put the verdicts together. Student code is not run here, and tests are not either.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import msgspec

from grader.course import Course, CourseError, Exercise, Problem, pack_digest
from grader.course_model import quoted, suggestion
from grader.intake import Found, Intake, asked, take_in
from grader.plugins import plugin_manager
from grader.results import (
    PUBLIC_ONLY,
    STUDENT_TESTS,
    ExerciseResult,
    Result,
    TestResult,
    exercise_result,
    is_points,
    result,
)
from grader.session import Listener, SessionOutcome, Starter, run_sessions, start_cold
from grader.stub import not_started
from grader.testing.plan import Plan, PlannedExercise, PlannedStudentTests, PlannedTest

Sessions = Callable[[Sequence[Plan], Listener], SessionOutcome]
"""Has the tests of some plans run, and tells of each verdict."""

NOT_STARTED = "not started"
UNTESTABLE = "cannot be tested"
GRADERS_FAULT = "grader's fault"
"""The kind of evidence of a test that was not decided because the grader itself failed."""


class Progress(Protocol):
    """Told how a grading goes on."""

    def started(self, total: int) -> None:
        """So many tests are going to be run."""

    def finished(self, exercise: str, test: TestResult) -> None:
        """A verdict has come in."""


@dataclass(frozen=True)
class Case:
    """One exercise of a submission: what will be tested, or why nothing can be."""

    exercise: Exercise
    found: Found
    tests: tuple[PlannedTest, ...]
    student_tests: PlannedStudentTests | None = None
    status: str = "graded"
    reason: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Look:
    """How closely to look; nothing of it changes a verdict."""

    tests: tuple[str, ...] = ()
    """Only these tests; empty: all."""
    illustrated: bool = False
    """Gather what only pictures need, too; takes longer."""
    schedule: str = ""
    """Run under this schedule only, and tell its story in any case."""


@dataclass(frozen=True)
class Settings:
    """How a submission is graded."""

    tier: str | None = None
    """Confine with this tier only; None: the strongest that works here."""
    without: tuple[str, ...] = ()
    """Groups of tests that are left out, with their points."""
    sessions: int | None = None
    """Test sessions at a time; None: one for each core."""
    start: Starter = start_cold
    have_run: Sessions | None = None
    """Has the tests run; None: `run_sessions`, with `start`."""
    coverage: bool = False
    """Note in each exercise which of its lines and branches no test has reached."""
    look: Look = Look()


def grade(
    path: Path,
    course: Course,
    only: Sequence[str] = (),
    tier: str | None = None,
    progress: Progress | None = None,
    without: Sequence[str] = (),
    coverage: bool = False,
    sessions: Sessions | None = None,
    look: Look | None = None,
) -> Result:
    """Grades one submission.

    Args:
        path: a folder holding `<exercise>/<exercise>.py`, one holding `<exercise>.py`, an archive of it, or that file.
        course: the pack to grade with.
        only: names of exercises; empty: all that the submission is about.
        tier: confine with this tier only; None: the strongest that works here.
        progress: told of each verdict.
        without: groups of tests that are left out, with their points.
        coverage: note in each exercise which of its lines and branches no test has reached.
        sessions: has the tests run; None: processes started for it.
        look: how closely to look; None: as usual.

    Raises:
        Refused: there is no submission at `path`.
        CourseError: `only` names an exercise that the course does not have, or `without` a group that none has.
    """
    exercises = [course.exercise(name) for name in only or asked(path, [one.name for one in course.exercises])]
    check_groups(without, course)
    with workspace() as folder:
        intake = take_in(path, [exercise.name for exercise in exercises], folder / "submission")
        settings = Settings(tier, tuple(without), coverage=coverage, have_run=sessions, look=look or Look())
        done = grade_copy(intake, course, folder, settings, progress)
    plugin_manager().hook.grader_graded(course=course, result=done)
    return done


def grade_copy(
    intake: Intake, course: Course, folder: Path, settings: Settings, progress: Progress | None = None
) -> Result:
    """Grades what has been taken in: the exercises that `intake` tells of.

    Args:
        intake: the copy, in `folder / "submission"`.
        course: the pack to grade with.
        folder: as from `workspace`.
        settings: how.
        progress: told of each verdict.
    """
    cases = [_sort_out(course.exercise(found.exercise), found, settings) for found in intake.found]
    plans = _plans(course, folder, cases, settings)
    have_run = settings.have_run or partial(run_sessions, start=settings.start)
    outcome = have_run(plans, _Listener(cases, progress))
    if settings.coverage and not outcome.interrupted:
        cases = _with_coverage(cases, plans, have_run)
    graded = [_put_together(case, outcome) for case in cases]
    return _result(course, intake, graded, outcome, settings.without)


def _with_coverage(cases: Sequence[Case], plans: Sequence[Plan], have_run: Sessions) -> list[Case]:
    """The cases with a note on what the tests reach; they are run once more: no verdict hangs on being traced."""
    from grader.coverage import measure

    traced = [msgspec.structs.replace(plan, lines=True, world=False) for plan in plans]
    arcs = have_run(traced, lambda _, test: test).arcs
    return [
        replace(case, notes=(*case.notes, f"coverage: {measure(case.found.file, arcs[case.exercise.name])}"))
        if case.found.file is not None and case.exercise.name in arcs
        else case
        for case in cases
    ]


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
    cases = [Case(exercise, one, _tests_of(exercise, without), notes=one.notes) for exercise, one in exercises]
    return [_put_together(case, outcome) for case in cases]


def at_fault(result: ExerciseResult) -> bool:
    """Whether something of it was not decided because the grader itself failed."""
    return any(test.evidence.get("kind") == GRADERS_FAULT for test in result.tests)


def check_groups(names: Sequence[str], course: Course) -> None:
    """Sees that some exercise has a group of each name.

    Raises:
        CourseError: none has; says which name comes near.
    """
    known = sorted({group.name for exercise in course.exercises for group in exercise.groups})
    for name in names:
        if name not in known:
            message = f"no group of tests {quoted(name)}; {suggestion(name, known)}"
            raise CourseError([Problem("course.yaml", None, message)])


@contextmanager
def workspace() -> Iterator[Path]:
    """A folder for all that is written: gone when the grading is over, however its sessions end.

    `submission` holds the copy, for the student process to read; `scratch` what the jails need.
    """
    with tempfile.TemporaryDirectory(prefix="threadlab-") as name:
        top = Path(name)
        for folder, mode in ((top, 0o711), (top / "submission", 0o755), (top / "scratch", 0o711)):
            folder.mkdir(exist_ok=True)
            folder.chmod(mode)
        yield top


def _sort_out(exercise: Exercise, found: Found, settings: Settings) -> Case:
    """What can be tested of one exercise."""
    own = _student_tests(exercise, found)
    case = Case(
        exercise, found, _tests_of(exercise, settings.without, settings.look.tests), own, notes=tuple(found.notes)
    )
    if exercise.hidden_tests is None:
        case = replace(case, notes=(*case.notes, PUBLIC_ONLY))
    if found.file is None or found.problem:
        return replace(case, status=UNTESTABLE, reason=found.problem)
    if not_started(found.file, exercise.defines):
        return replace(case, status=NOT_STARTED, reason=f"{found.file.name} is still the stub")
    return case


def _student_tests(exercise: Exercise, found: Found) -> PlannedStudentTests | None:
    """The student's own tests, where the exercise asks for them and they, and what they are tried on, are here."""
    if exercise.student_tests is None or exercise.hidden_tests is None or found.file is None:
        return None
    file = found.file.with_name(f"test_{exercise.name}.py")
    if not file.is_file():
        return None
    from grader.bonus import plan_student_tests

    return plan_student_tests(exercise, exercise.student_tests, file)


def _tests_of(exercise: Exercise, without: Sequence[str], only: Sequence[str] = ()) -> tuple[PlannedTest, ...]:
    """The tests of the rubric that are here and asked for."""
    public = set(exercise.public_test_names())
    hidden = set(exercise.hidden_test_names()) if exercise.hidden_tests else set()
    return tuple(
        PlannedTest(
            name=name,
            group=group.name,
            visibility="public" if name in public else "hidden",
            points=points,
            rule="\n".join(exercise.rules[rule] for rule in exercise.rules_of(name)),
        )
        for group in exercise.groups
        for name, points in group.tests.items()
        if group.name not in without and (name in public or name in hidden) and (not only or name in only)
    )


def _plans(course: Course, folder: Path, cases: Sequence[Case], settings: Settings) -> list[Plan]:
    """What has to be run, dealt out to as many sessions as there are cores, or as are asked for."""
    planned = [_planned(case) for case in cases if case.status == "graded" and case.tests]
    count = min(settings.sessions or os.cpu_count() or 1, len(planned))
    return [
        Plan(
            submission=str(folder / "submission"),
            scratch=str(folder / "scratch"),
            rootdir=str(course.root),
            masked=[str(course.root)],
            tier=settings.tier,
            exercises=[one for place, one in enumerate(planned) if _dealt_to(place, count) == number],
            secret=course.sealed,
            illustrated=settings.look.illustrated,
            schedule=settings.look.schedule,
        )
        for number in range(count)
    ]


def _dealt_to(place: int, count: int) -> int:
    """Back and forth, as cards are dealt fairly: 0 1 1 0 0 1 for two."""
    turn, position = divmod(place, count)
    return position if turn % 2 == 0 else count - 1 - position


def _planned(case: Case) -> PlannedExercise:
    exercise = case.exercise
    return PlannedExercise(
        name=exercise.name,
        file=str(case.found.file),
        test_files=[str(path) for path in (exercise.public_tests, exercise.hidden_tests) if path],
        defines=exercise.defines,
        limits=exercise.limits,
        rules=exercise.rules,
        tests=list(case.tests),
        student_tests=case.student_tests,
    )


class _Listener:
    """Gives each verdict its points as it comes in, and tells whoever wants to know."""

    def __init__(self, cases: Sequence[Case], progress: Progress | None) -> None:
        self._exercises = {case.exercise.name: case.exercise for case in cases}
        self._progress = progress
        if progress is not None:
            progress.started(sum(len(case.tests) for case in cases if case.status == "graded"))

    def __call__(self, name: str, test: TestResult) -> TestResult:
        if test.name == STUDENT_TESTS:
            return test  # a bonus gets its points when all others have theirs
        hook = plugin_manager().hook
        test = _with_points(test, self._exercises[name])
        hook.grader_test_finished(exercise=name, test=test)
        if self._progress is not None:
            self._progress.finished(name, test)
        return test


def _with_points(test: TestResult, exercise: Exercise) -> TestResult:
    points = plugin_manager().hook.grader_points(test=test, exercise=exercise)
    if is_points(points) and points <= test.max_score:
        return msgspec.structs.replace(test, score=float(points))
    # Whatever does not add up exactly would be one number in this report and another in that.
    reason = f"a plug-in gave {points} of {test.max_score:g} points; a multiple of 0.25 up to that is asked for"
    fault = {"verdict": "inconclusive", "reason": reason, "evidence": {"kind": "grader's fault"}}
    return msgspec.structs.replace(test, score=0.0, **fault)


def _put_together(case: Case, outcome: SessionOutcome) -> ExerciseResult:
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
    hints = _hints(case.exercise, tests) if status == "graded" else {}
    return exercise_result(case.exercise.name, case.exercise.title, tests, status, reason, notes, hints)


def _within(case: Case, tests: Sequence[TestResult], bonus: TestResult) -> TestResult:
    """A bonus as far as there is room for it: it fills up what is missing, and no exercise gives more than it has."""
    room = sum(test.points for test in case.tests) - sum(test.score for test in tests)
    return msgspec.structs.replace(bonus, score=max(0.0, min(float(bonus.evidence["earned"]), room)))


def _hints(exercise: Exercise, tests: Sequence[TestResult]) -> dict[str, list[str]]:
    """The hints of the rules that were found broken, so that every form can give them from the result alone."""
    broken = {rule for test in tests if test.verdict == "failed" for rule in test.rule.splitlines()}
    return {
        text: list(exercise.hints[rule])
        for rule, text in exercise.rules.items()
        if text in broken and rule in exercise.hints
    }


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


def _result(
    course: Course, intake: Intake, graded: list[ExerciseResult], outcome: SessionOutcome, without: Sequence[str]
) -> Result:
    notes = list(outcome.faults)
    if without:
        notes.insert(0, f"Left out, with their points: the tests of the groups {', '.join(without)}.")
    if any(PUBLIC_ONLY in exercise.notes for exercise in graded):
        notes.insert(0, PUBLIC_ONLY)
    environment = outcome.environment | ({"interrupted": True} if outcome.interrupted else {})
    fields: dict[str, Any] = {"environment": environment, "pack": pack_digest(course), "digest": intake.digest}
    return result(intake.name, graded, notes=notes, **fields)
