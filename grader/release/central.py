"""The instructor's own repository, whose workflow grades everybody's: students can change nothing in it."""

from __future__ import annotations

from grader.course import Course
from grader.release.contents import Files, marking_files, public_files
from grader.release.kinds import Request
from grader.release.templates import fill
from grader.release.wheel import wheel


def files(course: Course, request: Request) -> Files:
    """The workflow, the course with its hidden tests, and the grader.

    Raises:
        ReleaseError: the hidden tests are not here.
    """
    found = {f"course/{name}": data for name, data in marking_files(course).items()}
    requirement = request.requirement
    if not requirement:
        name, data = wheel(public_files(course))
        found[f"wheels/{name}"] = data
        requirement = f"./wheels/{name}"
    blanks = {"TITLE": course.title, "REQUIREMENT": requirement}
    return found | {
        ".github/confine.sh": fill("confine.sh"),
        ".github/workflows/grade-class.yml": fill("grade-class.yml"),
        "README.md": fill("central.md", blanks),
        "requirements.txt": fill("requirements.txt", blanks),
    }
