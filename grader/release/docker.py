"""A container image that grades in the jail."""

from __future__ import annotations

from grader.course import Course
from grader.release.contents import Files, public_files
from grader.release.kinds import Request
from grader.release.templates import fill
from grader.release.wheel import wheel


def files(course: Course, request: Request) -> Files:
    """The folder to build the image from, and how to run it; with sealed tests, if there are any."""
    name, data = wheel(public_files(course))
    blanks = {
        "TITLE": course.title,
        "REQUIREMENT": request.requirement or f"/opt/threadlab/{name}[seal]",
        "WHEEL": name,
    }
    found = {"Dockerfile": fill("Dockerfile", blanks), "README.md": fill("docker.md", blanks), name: data}
    return found | ({"tests.sealed": request.sealed} if request.sealed else {})
