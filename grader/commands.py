"""What the commands do that have a room of their own: have it work, and make of its errors what a user can use."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course import CourseError
from grader.course_choice import open_course
from grader.usage import UsageError, check_writable

if TYPE_CHECKING:
    from grader.checking.check import CheckOptions
    from grader.checking.model import CheckResult


@dataclass(frozen=True)
class BatchOptions:
    """The options of `grade batch`."""

    folder: Path
    out: Path
    course: Path | None = None
    exercises: tuple[str, ...] = ()
    allow_tier: str | None = None
    jobs: int | None = None
    only: tuple[str, ...] = ()
    regrade: bool = False
    since: str | None = None
    keep: str = "last"
    format: str | None = None
    roster: Path | None = None
    without: tuple[str, ...] = ()
    executor: str = "local"
    scheduler: str = ""
    canvas_column: str = ""
    moodle: Path | None = None
    similar: bool = False


def report(file: str, form: str, into: str) -> None:
    """Writes a result that was kept as JSON in another form.

    Raises:
        UsageError: no such form or result, or a file that cannot be written.
    """
    from grader import reporting

    try:
        reporting.report(file, form, into)
    except reporting.CannotReport as error:
        raise UsageError(str(error)) from None


def check(options: CheckOptions, json_file: str | None, course: Path | None) -> CheckResult:
    """Checks a course, prints what came of it and writes it as JSON.

    Raises:
        UsageError: no course, one that cannot be checked, or an option that cannot be meant.
    """
    from grader.checking import check, model, progress, table
    from grader.checking.headers import HeaderError
    from grader.checking.known import Uncheckable
    from grader.reports.terminal import make_console

    found = open_course(course, None)
    if json_file and json_file != "-":
        check_writable(Path(json_file))
    told = progress.make_progress()
    try:
        result = check.check(found, options, told)
    except (CourseError, HeaderError, Uncheckable) as error:
        raise UsageError(str(error)) from None
    finally:
        told.close()
    if json_file == "-":
        sys.stdout.buffer.write(model.to_json(result))
        sys.stdout.buffer.flush()
        return result
    if json_file:
        Path(json_file).write_bytes(model.to_json(result))
    table.print_check(result, make_console())
    return result


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
        make_release(open_course(course, None), options)
    except (ReleaseError, CourseError) as error:
        raise UsageError(str(error)) from None


def seal(out: Path, course: Path | None, key_file: Path | None, new_key: Path | None) -> None:
    """Seals the hidden tests of a course."""
    from grader.release import ReleaseError
    from grader.release.commands import make_seal

    try:
        print(make_seal(open_course(course, None), out, key_file, new_key), end="")
    except (ReleaseError, CourseError) as error:
        raise UsageError(str(error)) from None


def batch(options: BatchOptions) -> int:
    """Grades all submissions of a course and writes the gradebook; gives the exit status.

    Raises:
        UsageError: something that cannot be used, or a batch that cannot go on; says what to do.
    """
    from grader.batch.attempts import BatchError
    from grader.batch.command import grade_batch

    course = open_course(options.course, options.folder)
    try:
        return grade_batch(options, course)
    except (BatchError, CourseError) as error:
        raise UsageError(str(error)) from None


def compare(old: Path, new: Path) -> None:
    """Prints whose mark differs between two gradebooks, and why.

    Raises:
        UsageError: there is no gradebook where one is due.
    """
    from grader.batch.attempts import BatchError
    from grader.batch.compare import compare, read_gradebook

    try:
        print(compare(read_gradebook(old), read_gradebook(new)), end="")
    except BatchError as error:
        raise UsageError(str(error)) from None
