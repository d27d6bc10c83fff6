"""What each command does, between the options of `grade` and the rooms that do the work."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course import Course, CourseError, find_course, load_course, shipped_course
from grader.grading import Look, grade
from grader.intake import Refused
from grader.results import Result

if TYPE_CHECKING:
    from grader.checking.check import CheckOptions
    from grader.checking.model import CheckResult
    from grader.reporting import Wanted


VARIABLE = "THREADLAB_SEAL_KEY"
"""Holds the key of sealed tests."""


class UsageError(Exception):
    """Wrong usage, or a course that cannot be used; the message is for the user."""


@dataclass(frozen=True)
class Seal:
    """The options of a command that can grade with sealed tests."""

    sealed: Path | None = None
    key_file: Path | None = None
    allow_tier: str | None = None
    key: bytes = field(default=b"", repr=False)
    """Filled in by `with_key`."""


@dataclass(frozen=True)
class RunOptions:
    """The options of `grade run`."""

    path: Path | None
    exercises: tuple[str, ...]
    json_file: str | None
    course: Path | None
    tier: str | None
    verbose: bool
    reports: tuple[str, ...] = ()
    """`FORM=FILE` each."""
    without: tuple[str, ...] = ()
    seal: Seal = Seal()
    coverage: bool = False
    unfolded: int = 1
    """How many hints are shown for each failure."""
    plain: bool = False

    @property
    def look(self) -> Look:
        """How closely to look."""
        return Look(illustrated=any(report.startswith("html=") for report in self.reports))


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


@dataclass(frozen=True)
class Graded:
    """What the exit status depends on."""

    score: float
    at_fault: bool
    interrupted: bool


Tell = Callable[[Result, Path], list[str]]
"""Hands a result on, with the path it was found at; gives what went wrong in it."""


def run(options: RunOptions, tell: Tell | None = None) -> Graded:
    """Grades one submission and writes the reports.

    Args:
        options: of the command.
        tell: who else is to have the result.

    Raises:
        UsageError: no course, no submission, or an option that cannot be meant.
    """
    from grader.reports.progress import make_progress

    wanted = _wanted(options)
    if options.json_file and options.json_file != "-":
        _check_writable(Path(options.json_file))
    with _pack(with_key(options)) as (course, tier):
        path = options.path or default_path(course)
        progress = make_progress(_has_stdout_for_itself(options, wanted))
        try:
            result = grade(
                path,
                course,
                options.exercises,
                tier,
                progress,
                options.without,
                coverage=options.coverage,
                look=options.look,
            )
        except (Refused, CourseError) as error:
            raise UsageError(str(error)) from None
        finally:
            progress.close()
        if options.look.illustrated and not result.environment.get("interrupted"):
            from grader.beside import with_reference

            result = with_reference(result, course, tier)
    failed = _write(result, course, options, wanted)
    failed += tell(result, path) if tell else []
    if failed:
        raise UsageError("\n".join(failed))
    kinds = {test.evidence.get("kind") for exercise in result.exercises for test in exercise.tests}
    return Graded(result.score, "grader's fault" in kinds, result.environment.get("interrupted", False))


def with_key(options: RunOptions) -> RunOptions:
    """The options with the key of the sealed tests in them, which is then nowhere else.

    Raises:
        UsageError: there is none, or options contradict each other.
    """
    seal = options.seal
    if seal.key or (seal.sealed is None and VARIABLE not in os.environ):
        return options
    from grader.release import ReleaseError
    from grader.release.keys import hide_key
    from grader.release.sealed import key_for

    if seal.sealed is None:
        hide_key()
        return options

    if options.course is not None:
        raise UsageError("--course and --sealed both say what to grade with; give one of them")
    try:
        key = key_for(seal.key_file, options.path or Path.cwd())
    except ReleaseError as error:
        raise UsageError(str(error)) from None
    return replace(options, seal=replace(seal, key=key))


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


def explain(error: Exception | str) -> str:
    """The message of an error, which may quote a submission, as it is safe on standard error."""
    from grader.reports import ci_log

    return ci_log.message(str(error), sys.stderr)


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
        _check_writable(Path(json_file))
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


def describe_fault(error: BaseException) -> str:
    """One line on an exception of ours, with where it came from, to be reported."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(frame.filename).name}:{frame.lineno})"


@contextmanager
def _pack(options: RunOptions) -> Iterator[tuple[Course, str | None]]:
    """The course to grade with and the tier to use, for as long as a grading takes."""
    seal = options.seal
    if seal.sealed is None:
        yield open_course(options.course, options.path), options.tier
        return
    from grader.release import ReleaseError
    from grader.release.sealed import opened, tier_that_hides

    try:
        tier = tier_that_hides(options.tier, seal.allow_tier)
        with opened(seal.sealed, seal.key) as course:
            yield course, tier
    except (ReleaseError, CourseError) as error:
        raise UsageError(str(error)) from None


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


def _check_writable(file: Path) -> None:
    """Before the work, not after it."""
    folder = file.parent
    if file.is_dir() or not os.access(file if file.exists() else folder, os.W_OK):
        raise UsageError(f"--json {file}: cannot be written")


def _wanted(options: RunOptions) -> list[Wanted]:
    """The reports that are asked for beside the one on the terminal."""
    if not options.reports:
        return []
    from grader import reporting

    try:
        return reporting.wanted(options.reports, "--json -" if options.json_file == "-" else None)
    except reporting.CannotReport as error:
        raise UsageError(str(error)) from None


def _has_stdout_for_itself(options: RunOptions, wanted: list[Wanted]) -> bool:
    return options.json_file == "-" or any(each.file == "-" for each in wanted)


def _write(result: Result, course: Course, options: RunOptions, wanted: list[Wanted]) -> list[str]:
    """Writes all that is asked for; gives what could not be written, and why."""
    from grader.reports import json

    failed = []
    if options.json_file and options.json_file != "-":
        try:
            Path(options.json_file).write_bytes(json.render(result))
        except OSError as error:
            failed.append(f"--json {options.json_file}: cannot be written ({error.strerror})")
    for each in wanted:
        from grader.reporting import CannotReport

        try:
            each.write(result)
        except CannotReport as error:
            failed.append(str(error))
    if options.json_file == "-":
        sys.stdout.buffer.write(json.render(result))
        sys.stdout.buffer.flush()
    elif not _has_stdout_for_itself(options, wanted):
        _print(result, course, options)
    return failed


def _print(result: Result, course: Course, options: RunOptions) -> None:
    """The report of a result on the terminal, or in a log in which nothing of it is a command."""
    from grader.reports.ci_log import commands_stopped
    from grader.reports.terminal import make_console, print_result

    with commands_stopped(sys.stdout):
        console = make_console(options.plain)
        print_result(result, console, hints_of(course), options.verbose, options.unfolded, str(options.path or ""))


def hints_of(course: Course) -> Callable[[str, str], tuple[str, ...]]:
    """Gives the hints of a rule of an exercise, from gentle to plain."""
    rubrics = {exercise.name: exercise for exercise in course.exercises}

    def hint(exercise: str, rule: str) -> tuple[str, ...]:
        rubric = rubrics[exercise]
        keys = [key for key, text in rubric.rules.items() if text in rule.splitlines()]
        return tuple(line for key in keys for line in rubric.hints.get(key, ()))

    return hint
