"""`grade run`: one submission in, its result out in every form that is asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course import Course, CourseError
from grader.course_choice import default_path, open_course
from grader.grading import grade
from grader.hints import hints_of
from grader.intake import Refused
from grader.putting_together import at_fault
from grader.results import Result
from grader.settings import Look
from grader.usage import UsageError, check_writable

if TYPE_CHECKING:
    from grader.reporting import Wanted

VARIABLE = "THREADLAB_SEAL_KEY"
"""Holds the key of sealed tests."""


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
        check_writable(Path(options.json_file))
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
    ours = any(at_fault(exercise) for exercise in result.exercises)
    return Graded(result.score, ours, result.environment.get("interrupted", False))


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
