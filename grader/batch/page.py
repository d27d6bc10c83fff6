"""The instructor's page of a batch, `course.html`: its rows as the page takes them."""

from __future__ import annotations

from collections.abc import Sequence

from grader.batch.book import Counted
from grader.batch.feedback import folder_name
from grader.course import Course, Exercise
from grader.reports.course_page import Student, Test, render


def page(course: Course, exercises: Sequence[Exercise], counted: Sequence[Counted]) -> bytes:
    """The page.

    Args:
        course: graded with.
        exercises: that are marked.
        counted: the rows of the gradebook, in the order in which their reports were written.
    """
    taken: set[str] = set()
    students = [_student(one, folder_name(one.row.student, taken)) for one in counted]
    run = {key for student in students for key in student.verdicts}
    tests = [
        Test(exercise.name, name, group.name, points)
        for exercise in exercises
        for group in exercise.groups
        for name, points in group.tests.items()
        if (exercise.name, name) in run
    ]
    return render(students, tests, course.title)


def _student(one: Counted, folder: str) -> Student:
    kept = one.graded.kept if one.graded else {}
    started = {name: found.result for name, found in kept.items() if found.result.status != "not started"}
    return Student(
        name=one.row.name or one.row.student,
        score=one.row.score or 0.0,
        max_score=one.row.max_score,
        exercises={name: cell.score for name, cell in one.row.cells.items() if cell.score is not None},
        verdicts={(name, test.name): test.verdict for name, result in started.items() for test in result.tests},
        inconclusive=one.row.inconclusive,
        flags=one.row.flags,
        report=f"feedback/{folder}/report.html" if kept else "",
    )
