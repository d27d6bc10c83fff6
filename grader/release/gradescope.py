"""An assignment's autograder for Gradescope: a zip archive that is uploaded there, where students cannot see it."""

from __future__ import annotations

from grader.course import Course
from grader.release.contents import Files, marking_files, public_files
from grader.release.kinds import Request
from grader.release.placing import EXECUTABLE
from grader.release.templates import fill
from grader.release.wheel import archive, wheel


def files(course: Course, request: Request) -> Files:
    """`autograder.zip`, and how to use it.

    Raises:
        ReleaseError: the hidden tests are not here.
    """
    inside = {f"course/{name}": data for name, data in marking_files(course).items()}
    name, data = wheel(public_files(course))
    blanks = {"TITLE": course.title, "REQUIREMENT": request.requirement or f"$source/{name}"}
    inside |= {
        "confine.sh": fill("confine.sh"),
        "run_autograder": fill("run_autograder", blanks),
        "setup.sh": fill("setup.sh", blanks),
        name: data,
    }
    return {"README.md": fill("gradescope.md", blanks), "autograder.zip": archive(inside, EXECUTABLE)}
