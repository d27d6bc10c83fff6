"""The plug-in contract: every hook of the grader.

A plug-in is a module with functions of these names, marked `@grader.hooks.hookimpl`, in a distribution
that registers it under the entry point group `grader`. What ships uses the same hooks (`grader/shipped.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import pluggy

if TYPE_CHECKING:
    from grader.batch.attempts import Format
    from grader.batch.executors import Executor
    from grader.batch.marking import Named, Step
    from grader.course import Course, Exercise
    from grader.intake_archive import Form
    from grader.jail.tiers import Tier
    from grader.release.kinds import Kind
    from grader.reports import Report
    from grader.results import Result, TestResult

_Function = TypeVar("_Function", bound=Callable[..., object])

_hookspec = pluggy.HookspecMarker("grader")
_hookimpl = pluggy.HookimplMarker("grader")


def hookimpl(function: _Function) -> _Function:
    """Marks a function of a plug-in as an implementation of the hook of its name."""
    return _hookimpl(function)


@_hookspec
def grader_tiers() -> list[Tier]:  # type: ignore[empty-body]
    """Ways to confine a student process, strongest first.

    The first that starts here and whose canaries hold is used.
    """


@_hookspec
def grader_intakes() -> list[Form]:  # type: ignore[empty-body]
    """Forms in which one file can hold a whole submission, such as zip archives.

    Each is shown the file's bytes; the first that knows them is used, plug-ins' ones before those that ship.
    """


@_hookspec
def grader_reports() -> list[Report]:  # type: ignore[empty-body]
    """Forms in which a result can be written, each with the name that `grade report` and `--report` know it by.

    A form of a name that ships is used instead of what ships.
    """


@_hookspec
def grader_releases() -> list[Kind]:  # type: ignore[empty-body]
    """Kinds of release that `grade release --for NAME` can make: for students, or for a platform that grades."""


@_hookspec(firstresult=True)
def grader_points(test: TestResult, exercise: Exercise) -> float | None:
    """The points a test earns, given its verdict; None: this plug-in has no opinion.

    Args:
        test: with its verdict and `max_score`; `score` is what it would earn by itself.
        exercise: with its rubric.

    Returns:
        a multiple of 0.25 between 0 and `test.max_score`.
    """


@_hookspec
def grader_test_finished(exercise: str, test: TestResult) -> None:
    """Told of each verdict as it comes in, for progress and logs.

    Args:
        exercise: its name.
        test: with verdict and points.
    """


@_hookspec
def grader_graded(course: Course, result: Result) -> None:
    """Told of each submission when it has been graded.

    Args:
        course: the pack it was graded with.
        result: all verdicts.
    """


# --- whole courses: `grade batch` ---------------------------------------------------------------


@_hookspec
def grader_intake_formats() -> list[Format]:  # type: ignore[empty-body]
    """Layouts in which the submissions of a course come, the most telling first.

    The first that recognises the folder is used, unless `--format` names one.
    """


@_hookspec
def grader_executors() -> list[Executor]:  # type: ignore[empty-body]
    """Ways to have many submissions graded, each with the name that `--executor` knows it by."""


@_hookspec
def grader_marking_steps(course: Course, named: Named) -> list[Step]:  # type: ignore[empty-body]
    """What becomes of points before they are a mark, each step with its place in the order.

    Args:
        course: with its `policy`, as `course.yaml` has it.
        named: gives what the gradebook calls a student whom a file names by anything of the roster.

    Raises:
        BatchError: a file that the policy names cannot be read.
    """
