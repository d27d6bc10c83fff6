"""What the tests of a student are tried on: the known submissions of an exercise that such tests can tell apart."""

from __future__ import annotations

import hashlib
from pathlib import Path

from grader.checking.headers import HeaderError
from grader.checking.known import Uncheckable, known_submissions
from grader.course import CourseError, Exercise, Problem
from grader.course_model import StudentTests
from grader.testing.plan import PlannedStudentTests


def plan_student_tests(exercise: Exercise, asked: StudentTests, file: Path) -> PlannedStudentTests | None:
    """A plan for the tests that a student has handed in.

    Args:
        exercise: with its solutions.
        asked: how they are marked.
        file: the tests, in the copy of the submission.

    Returns:
        None where there is nothing to try them on, as in a pack that brings the hidden tests alone.

    Raises:
        CourseError: a faulty submission does not say which tests must fail.
    """
    try:
        known = known_submissions(exercise)
    except Uncheckable:
        return None
    except HeaderError as error:
        place = f"exercises/{exercise.name}/exercise.yaml"
        raise CourseError([Problem(place, None, f"tests_by_student: {error}")]) from None
    left_out = {name for group in exercise.groups if group.name in asked.but for name in group.tests}
    correct = [str(one.file) for one in known if one.kind in ("reference", "correct")]
    faulty = [str(one.file) for one in known if one.header is not None and one.header.fails - left_out]
    if not faulty:
        return None
    seed = hashlib.sha256(file.read_bytes() + "".join(correct + faulty).encode()).hexdigest()
    return PlannedStudentTests(str(file), correct, faulty, asked.points, asked.enough, seed)
