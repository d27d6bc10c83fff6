"""What ships, registered through the same hooks that plug-ins use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.hooks import hookimpl
from grader.jail.tiers import ON_REQUEST, SHIPPED, Tier

if TYPE_CHECKING:
    from grader.batch.attempts import Format
    from grader.batch.executors import Executor
    from grader.batch.marking import Named, Step
    from grader.course import Course
    from grader.intake_archive import Form
    from grader.release.kinds import Kind
    from grader.reports import Report
    from grader.results import TestResult


@hookimpl
def grader_tiers() -> list[Tier]:
    """`jail` and `limits`; and `none`, for who asks for it."""
    return [*SHIPPED, *ON_REQUEST]


@hookimpl
def grader_intakes() -> list[Form]:
    """Zip and tar."""
    from grader.intake_archive import shipped_forms

    return shipped_forms()


@hookimpl
def grader_reports() -> list[Report]:
    """Every form in `grader.reports`, a module for each."""
    from grader import reports

    return list(reports.SHIPPED)


@hookimpl
def grader_releases() -> list[Kind]:
    """For students, and for the platforms that are known."""
    from grader.release import kinds

    return list(kinds.SHIPPED)


@hookimpl
def grader_points(test: TestResult) -> float:
    """All points of a test that passed, none of any other."""
    return test.max_score if test.verdict == "passed" else 0.0


@hookimpl
def grader_intake_formats() -> list[Format]:
    """The layouts of `grader/batch/formats`."""
    from grader.batch import formats

    return list(formats.SHIPPED)


@hookimpl
def grader_executors() -> list[Executor]:
    """Processes on this machine, and on those of a Dask scheduler."""
    from grader.batch.dask import DASK
    from grader.batch.local import LOCAL

    return [LOCAL, DASK]


@hookimpl
def grader_marking_steps(course: Course, named: Named) -> list[Step]:
    """Caps, best n of m, lateness, changes by hand, rounding."""
    from grader.batch.policy import steps

    return steps(course, named)
