"""What of a submission can be tested, and with which tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.course import Course, CourseError, Exercise, Problem
from grader.course_model import quoted, suggestion
from grader.intake import Found
from grader.results import PUBLIC_ONLY
from grader.settings import Settings
from grader.stub import not_started
from grader.testing.plan import Plan, PlannedExercise, PlannedStudentTests, PlannedTest

NOT_STARTED = "not started"
UNTESTABLE = "cannot be tested"


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


def sort_out(exercise: Exercise, found: Found, settings: Settings) -> Case:
    """What can be tested of one exercise.

    Args:
        exercise: of the course.
        found: what intake has found of it.
        settings: of the grading.
    """
    own = _student_tests(exercise, found)
    case = Case(
        exercise, found, tests_of(exercise, settings.without, settings.look.tests), own, notes=tuple(found.notes)
    )
    if exercise.hidden_tests is None:
        case = replace(case, notes=(*case.notes, PUBLIC_ONLY))
    if found.file is None or found.problem:
        return replace(case, status=UNTESTABLE, reason=found.problem)
    if not_started(found.file, exercise.defines):
        return replace(case, status=NOT_STARTED, reason=f"{found.file.name} is still the stub")
    return case


def tests_of(exercise: Exercise, without: Sequence[str], only: Sequence[str] = ()) -> tuple[PlannedTest, ...]:
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


def plan_for(course: Course, folder: Path, cases: Sequence[Case], settings: Settings) -> Plan:
    """What has to be run. Args: course: the pack. folder: of the grading. cases: all. settings: of the grading."""
    return Plan(
        submission=str(folder / "submission"),
        scratch=str(folder / "scratch"),
        rootdir=str(course.root),
        masked=[str(course.root)],
        tier=settings.tier,
        exercises=[_planned(case) for case in cases if case.status == "graded" and case.tests],
        secret=course.sealed,
        illustrated=settings.look.illustrated,
        schedule=settings.look.schedule,
    )


def _student_tests(exercise: Exercise, found: Found) -> PlannedStudentTests | None:
    """The student's own tests, where the exercise asks for them and they, and what they are tried on, are here."""
    if exercise.student_tests is None or exercise.hidden_tests is None or found.file is None:
        return None
    file = found.file.with_name(f"test_{exercise.name}.py")
    if not file.is_file():
        return None
    from grader.bonus import plan_student_tests

    return plan_student_tests(exercise, exercise.student_tests, file)


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
