"""An assignment's autograder for Classroom 50, whose bundle anybody can fetch: the hidden tests in it are sealed."""

from __future__ import annotations

from grader.course import Course
from grader.release import ReleaseError
from grader.release.contents import Files, public_files
from grader.release.kinds import Request
from grader.release.templates import fill
from grader.release.wheel import wheel


def files(course: Course, request: Request) -> Files:
    """The bundle: `autograder.py`, the grader, the sealed tests.

    Raises:
        ReleaseError: there are no sealed tests.
    """
    if not request.sealed:
        raise ReleaseError(
            "Classroom 50's bundle is public: give sealed tests with --sealed FILE, or a key to seal them"
        )
    name, data = wheel(public_files(course))
    return {
        "README.md": fill("classroom50.md", {"TITLE": course.title}),
        "autograder.py": fill("autograder.py"),
        "confine.sh": fill("confine.sh"),
        "tests.sealed": request.sealed,
        name: data,
    }
