"""What each command does, between the options of `grade` and the rooms that do the work."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course, CourseError, find_course, load_course, shipped_course
from grader.grading import grade
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
    sealed: Path | None = None
    key_file: Path | None = None
    allow_tier: str | None = None


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

    if options.json_file and options.json_file != "-":
        _check_writable(Path(options.json_file))
    with _pack(options) as (course, tier):
        path = options.path or _default_path(course)
        progress = make_progress(options.json_file == "-")
        try:
            result = grade(path, course, options.exercises, tier, progress)
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


def release(options: object, course: Path | None) -> None:
    """Makes what an instructor publishes; `options` are `grader.release.commands.ReleaseOptions`."""
    from grader.release import ReleaseError
    from grader.release.commands import ReleaseOptions, make_release

    assert isinstance(options, ReleaseOptions)
    try:
        print(make_release(_course(course, None), options), end="")
    except (ReleaseError, CourseError) as error:
        raise UsageError(str(error)) from None


def seal(out: Path, course: Path | None, key_file: Path | None, new_key: Path | None) -> None:
    """Seals the hidden tests of a course."""
    from grader.release import ReleaseError
    from grader.release.commands import make_seal

    try:
        print(make_seal(_course(course, None), out, key_file, new_key), end="")
    except (ReleaseError, CourseError) as error:
        raise UsageError(str(error)) from None


def describe_fault(error: BaseException) -> str:
    """One line on an exception of ours, with where it came from, to be reported."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(frame.filename).name}:{frame.lineno})"


@contextmanager
def _pack(options: RunOptions) -> Iterator[tuple[Course, str | None]]:
    """The course to grade with and the tier to use, for as long as a grading takes."""
    if options.sealed is None:
        yield _course(options.course, options.path), options.tier
        return
    from grader.release import ReleaseError
    from grader.release.sealed import key_for, opened, tier_that_hides

    try:
        key = key_for(options.key_file, options.path or Path.cwd())
        tier = tier_that_hides(options.tier, options.allow_tier)
        with opened(options.sealed, key) as course:
            yield course, tier
    except (ReleaseError, CourseError) as error:
        raise UsageError(str(error)) from None


def _course(given: Path | None, path: Path | None) -> Course:
    """The course to grade with.

    Looked for where a submission cannot put one: in the folder given, upwards from the current folder, beside
    the package itself, and above (never in) the submission; last, what the package brings along.
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


def _default_path(course: Course) -> Path:
    """What `grade` alone grades: this folder, or the course's exercises where we stand at its top."""
    here = Path.cwd()
    at_top = here == course.root.resolve() or (course.sealed and (here / "course.yaml").is_file())
    return here / "exercises" if at_top else here


def _check_writable(file: Path) -> None:
    """Before the work, not after it."""
    folder = file.parent
    if file.is_dir() or not os.access(file if file.exists() else folder, os.W_OK):
        raise UsageError(f"--json {file}: cannot be written")


def _write(result: Result, course: Course, options: RunOptions) -> None:
    from grader.reports.terminal import make_console, print_result

    if options.json_file == "-":
        sys.stdout.buffer.write(to_json(result))
        sys.stdout.buffer.flush()
        return
    if options.json_file:
        Path(options.json_file).write_bytes(to_json(result))
    hints = {exercise.name: exercise for exercise in course.exercises}

    def hint(exercise: str, rule: str) -> tuple[str, ...]:
        rubric = hints[exercise]
        keys = [key for key, text in rubric.rules.items() if text in rule.splitlines()]
        return tuple(line for key in keys for line in rubric.hints.get(key, ()))

    print_result(result, make_console(), hints=hint, verbose=options.verbose)
