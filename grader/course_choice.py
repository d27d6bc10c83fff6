"""Which course a command works with, and what it grades where nothing is said."""

from __future__ import annotations

from pathlib import Path

from grader.course import Course, CourseError, find_course, load_course, shipped_course
from grader.usage import UsageError


def open_course(given: Path | None, path: Path | None) -> Course:
    """The course to grade with.

    Looked for where a submission cannot put one: in the folder given, upwards from the current folder, beside
    the package itself, and above (never in) the submission; last, what the package brings along.

    Raises:
        UsageError: there is none, or it cannot be used.
    """
    root = given or find_course(Path.cwd()) or find_course(Path(__file__).parent)
    if root is None and path is not None and path.exists():
        root = find_course(path.resolve().parent)
    root = root or shipped_course()
    if root is None:
        raise UsageError("no course.yaml here or in a folder above; go to the course's folder, or give --course DIR")
    try:
        return load_course(root)
    except CourseError as error:
        raise UsageError(f"the course in {root} cannot be used:\n{error}") from None


def default_path(course: Course) -> Path:
    """What `grade` alone grades: this folder, or the course's exercises where we stand at its top."""
    here = Path.cwd()
    at_top = here == course.root.resolve() or (course.sealed and (here / "course.yaml").is_file())
    return here / "exercises" if at_top else here
