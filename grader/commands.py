"""What each command does, between the options of `grade` and the rooms that do the work."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course, CourseError, find_course, load_course
from grader.grading import Look, grade
from grader.intake import Refused
from grader.results import Result, to_json


class UsageError(Exception):
    """Wrong usage, or a course that cannot be used; the message is for the user."""


@dataclass(frozen=True)
class RunOptions:
    """The options of `grade run`."""

    path: Path | None
    exercises: tuple[str, ...]
    json_file: str | None
    course: Path | None
    tier: str | None
    verbose: bool
    html_file: str | None = None
    trace_file: str | None = None
    unfolded: int = 1
    """How many hints are shown for each failure."""
    plain: bool = False

    @property
    def files(self) -> list[tuple[str, str | None]]:
        """The files to write, by option."""
        return [("--json", self.json_file), ("--html", self.html_file), ("--trace", self.trace_file)]

    @property
    def look(self) -> Look:
        """How closely to look."""
        return Look(illustrated=bool(self.html_file))


@dataclass(frozen=True)
class Graded:
    """What the exit status depends on."""

    score: float
    at_fault: bool
    interrupted: bool


def run(options: RunOptions) -> Graded:
    """Grades one submission and writes the reports.

    Raises:
        UsageError: no course, no submission, or an option that cannot be meant.
    """
    from grader.reports.progress import make_progress

    course = open_course(options.course, options.path)
    path = options.path or default_path(course)
    for option, file in options.files:
        if file and file != "-":
            _check_writable(option, Path(file))
    quiet = options.json_file == "-"
    progress = make_progress(quiet)
    try:
        result = grade(path, course, options.exercises, options.tier, progress, options.look)
    except (Refused, CourseError) as error:
        raise UsageError(str(error)) from None
    finally:
        progress.close()
    _write(result, course, options)
    kinds = {test.evidence.get("kind") for exercise in result.exercises for test in exercise.tests}
    return Graded(result.score, "grader's fault" in kinds, result.environment.get("interrupted", False))


def doctor() -> None:
    """Prints what is in force on this machine."""
    from grader.doctor import examine

    print(examine(), end="")


def describe_fault(error: BaseException) -> str:
    """One line on an exception of ours, with where it came from, to be reported."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(frame.filename).name}:{frame.lineno})"


def open_course(given: Path | None, path: Path | None) -> Course:
    """The course to grade with.

    Looked for where a submission cannot put one: in the folder given, upwards from the current folder, beside
    the package itself, and above (never in) the submission.

    Raises:
        UsageError: there is none, or it cannot be used.
    """
    root = given or find_course(Path.cwd()) or find_course(Path(__file__).parent)
    if root is None and path is not None and path.exists():
        root = find_course(path.resolve().parent)
    if root is None:
        raise UsageError("no course.yaml here or in a folder above; go to the course's folder, or give --course DIR")
    try:
        return load_course(root)
    except CourseError as error:
        raise UsageError(f"the course in {root} cannot be used:\n{error}") from None


def default_path(course: Course) -> Path:
    """What `grade` alone grades: this folder, or the course's exercises where we stand at its top."""
    here = Path.cwd()
    return here / "exercises" if here == course.root.resolve() else here


def _check_writable(option: str, file: Path) -> None:
    """Before the work, not after it."""
    folder = file.parent
    if file.is_dir() or not os.access(file if file.exists() else folder, os.W_OK):
        raise UsageError(f"{option} {file}: cannot be written")


def _write(result: Result, course: Course, options: RunOptions) -> None:
    from grader.reports.terminal import make_console, print_result

    hint = hints_of(course)
    if options.html_file:
        from grader.reports import html

        Path(options.html_file).write_bytes(html.render(result, hint))
    if options.trace_file:
        from grader.reports import trace

        Path(options.trace_file).write_bytes(trace.render(result))
    if options.json_file == "-":
        sys.stdout.buffer.write(to_json(result))
        sys.stdout.buffer.flush()
        return
    if options.json_file:
        Path(options.json_file).write_bytes(to_json(result))
    console = make_console(options.plain)
    print_result(result, console, hint, options.verbose, options.unfolded, str(options.path or ""))


def hints_of(course: Course) -> Callable[[str, str], tuple[str, ...]]:
    """Gives the hints of a rule of an exercise, from gentle to plain."""
    rubrics = {exercise.name: exercise for exercise in course.exercises}

    def hint(exercise: str, rule: str) -> tuple[str, ...]:
        rubric = rubrics[exercise]
        keys = [key for key, text in rubric.rules.items() if text in rule.splitlines()]
        return tuple(line for key in keys for line in rubric.hints.get(key, ()))

    return hint
