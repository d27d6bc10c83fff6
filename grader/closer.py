"""`grade explain`, `grade replay` and `grade watch`: a closer look at a few tests of one submission."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course, CourseError, Exercise
from grader.course_choice import default_path, open_course
from grader.grading import grade
from grader.hints import hints_of
from grader.intake import Refused
from grader.lookup import NotFound, find_test, split_schedule
from grader.results import Result
from grader.settings import Look
from grader.usage import UsageError


@dataclass(frozen=True)
class Target:
    """Which submission is looked at, and with which course."""

    path: Path | None
    exercises: tuple[str, ...]
    course: Path | None
    tier: str | None


def explain(typed: str, target: Target, unfolded: int, html_file: str | None = None) -> Result:
    """Runs one test and tells everything about it.

    Args:
        typed: the test, as the user wrote it.
        target: the submission.
        unfolded: how many hints are shown.
        html_file: where to write a page about it; None: nowhere.

    Raises:
        UsageError: there is no such test, course or submission.
    """
    from grader.reports.explained import print_explained
    from grader.reports.terminal import make_console

    course, result = _look(typed, target, illustrated=bool(html_file))
    if html_file:
        from grader.reports import html

        Path(html_file).write_bytes(html.render(result, hints_of(course)))
    print_explained(result, make_console(), hints_of(course), unfolded)
    return result


def replay(typed: str, target: Target, unfolded: int) -> Result:
    """Runs one test under one schedule and tells its story.

    Args:
        typed: TEST:SCHEDULE, as a report shows it.
        target: the submission.
        unfolded: how many hints are shown.

    Raises:
        UsageError: there is no such test, course or submission, or the test runs under no schedules.
    """
    from grader.reports.explained import print_explained
    from grader.reports.terminal import make_console

    try:
        test, schedule = split_schedule(typed)
    except NotFound as error:
        raise UsageError(str(error)) from None
    course, result = _look(test, target, schedule=schedule)
    found = result.exercises[0].tests[0]
    if found.verdict == "passed" and "schedule" not in found.evidence:
        raise UsageError(
            f"{found.name} runs under no schedules: its group is {found.group}; try `grade explain {test}`"
        )
    print_explained(result, make_console(), hints_of(course), unfolded)
    return result


def watch(target: Target) -> None:
    """Grades what has changed on each save, until it is interrupted.

    Raises:
        UsageError: there is no course or submission.
    """
    from grader.reports.terminal import make_console, print_result
    from grader.watching import Files, Watching, places, saves

    course = open_course(target.course, target.path)
    path = (target.path or default_path(course)).resolve()
    known = [exercise.name for exercise in course.exercises]
    files = places(path, target.exercises or (known if path.is_dir() else [path.stem]))
    present = [name for name, found in files.items() if any(file.exists() for file in found)]
    if not present:
        raise UsageError(f"nothing to watch in {path}: no file of an exercise is there")
    console = make_console()

    def again(exercises: Sequence[str], tests: Sequence[str]) -> Result:
        result = _grade(path, course, exercises, target.tier, Look(tests=tuple(tests)))
        if result.environment.get("interrupted"):
            raise KeyboardInterrupt
        return result

    def show(result: Result, before: float | None, whole: bool) -> None:
        print_result(result, console, hints=hints_of(course))
        if not whole:
            console.print("These had not passed before; the others are run once they do.", style="dim")
        elif before is not None and before != result.score:
            console.print(f"It was {before:g} before.", style="dim")
        console.rule("saved: graded again, Ctrl-C: ends", style="dim")

    watching = Watching(again, show)
    with contextlib.suppress(KeyboardInterrupt):
        seen = Files({name: files[name] for name in present})
        watching.grade(present)
        for names in saves(seen):
            watching.grade(names)


def _look(typed: str, target: Target, illustrated: bool = False, schedule: str = "") -> tuple[Course, Result]:
    course = open_course(target.course, target.path)
    path = target.path or default_path(course)
    try:
        among = [course.exercise(name) for name in target.exercises] or _about(path, course)
        asked = find_test(typed, among)
    except (NotFound, CourseError) as error:
        raise UsageError(str(error)) from None
    return course, _grade(path, course, [asked.exercise], target.tier, Look((asked.test,), illustrated, schedule))


def _about(path: Path, course: Course) -> list[Exercise]:
    """The exercises that a folder or file is about by its name, else all of the course."""
    named = [exercise for exercise in course.exercises if exercise.name in (path.name, path.stem)]
    return named or list(course.exercises)


def _grade(path: Path, course: Course, exercises: Sequence[str], tier: str | None, look: Look) -> Result:
    from grader.reports.progress import make_progress

    progress = make_progress(quiet=False)
    try:
        return grade(path, course, exercises, tier, progress, look=look)
    except (Refused, CourseError) as error:
        raise UsageError(str(error)) from None
    finally:
        progress.close()
