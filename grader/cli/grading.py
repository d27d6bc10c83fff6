"""`grade run` and `grade ci`: the commands that grade one submission."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from grader.cli.guard import guarded, leave
from grader.cli.options import course_folder, html_page, least_score, only_exercises, without_groups


def _sealed(command: Any) -> Any:
    """Adds the options for grading with sealed tests."""
    for option in (
        click.option("--allow-tier", metavar="NAME", help="Open sealed tests even where only this weak a tier works."),
        click.option(
            "--key-file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Holds the key of the sealed tests; else THREADLAB_SEAL_KEY does.",
        ),
        click.option(
            "--sealed",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Grade with sealed tests (`grade seal` makes them).",
        ),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@only_exercises
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write the result as JSON; - for standard output, and nothing else there.",
)
@html_page
@click.option("--trace", "trace_file", metavar="FILE", help="Write timelines for Perfetto (ui.perfetto.dev).")
@click.option(
    "--hint", "unfolded", type=click.IntRange(0), default=1, metavar="N", help="Show the first N hints of each failure."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "plain"]),
    default="terminal",
    help="plain: no colours, 80 columns, as for a log.",
)
@least_score
@click.option(
    "--course",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder with course.yaml; else the nearest one upwards from here.",
)
@click.option("--tier", metavar="NAME", help="Confine the student's code with this tier only (see `grade doctor`).")
@click.option("-v", "--verbose", is_flag=True, help="Tell every failure, and every test.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORM=FILE",
    help="Write the result in another form too (see `grade report --help`); - for standard output; may be repeated.",
)
@click.option("--junit", metavar="FILE", help="Short for --report junit=FILE.")
@without_groups
@click.option("--coverage", is_flag=True, help="Tell which lines and branches no test has reached; takes longer.")
@_sealed
@guarded
def run(
    path: Path | None,
    exercises: Sequence[str],
    json_file: str | None,
    html_file: str | None,
    trace_file: str | None,
    unfolded: int,
    form: str,
    fail_under: float | None,
    course: Path | None,
    tier: str | None,
    verbose: bool,
    reports: Sequence[str],
    junit: str | None,
    without: Sequence[str],
    coverage: bool,
    **sealed: Any,
) -> None:
    """Grade one submission.

    PATH is a folder holding <exercise>/<exercise>.py, or one holding <exercise>.py, or a zip or tar
    of either, or that file itself. Without PATH: this folder, or its `exercises` where it is a course.

    \b
    Examples:
      grade                                      in the folder of an exercise, or of the course
      grade run solutions -e threaded_sum
      grade handed-in/alice.zip --json alice.json --fail-under 50
      grade handed-in/alice --report junit=alice.xml --report markdown=alice.md
      grade exercises --sealed tests.sealed --key-file ../seal.key
    """
    from grader import running

    files = {"junit": junit, "html": html_file, "trace": trace_file}
    forms = (*reports, *(f"{name}={file}" for name, file in files.items() if file))
    options = running.RunOptions(
        path,
        tuple(exercises),
        json_file,
        course,
        tier,
        verbose,
        forms,
        tuple(without),
        running.Seal(**sealed),
        coverage,
        unfolded,
        form == "plain",
    )
    leave(running.run(options), fail_under)


@click.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@only_exercises
@click.option("--junit", default="junit.xml", show_default=True, metavar="FILE", help="Where to write JUnit XML.")
@click.option("--json", "json_file", metavar="FILE", help="Write the result as JSON.")
@click.option("--report", "reports", multiple=True, metavar="FORM=FILE", help="As of `grade run`; may be repeated.")
@least_score
@course_folder
@click.option("--tier", metavar="NAME", help="Confine the student's code with this tier only.")
@_sealed
@guarded
def ci(
    path: Path | None,
    exercises: Sequence[str],
    junit: str,
    json_file: str | None,
    reports: Sequence[str],
    fail_under: float | None,
    course: Path | None,
    tier: str | None,
    **sealed: Any,
) -> None:
    """Grade one submission in a job of a CI system, and report to it.

    \b
    Everywhere  the report in the log, in which nothing is a command; JUnit XML
    GitHub      the step outputs `result` (for Classroom's reporter), `score` and `max_score`;
                annotations at the student's lines; the points as notices; the job's summary
    GitLab      let the job keep the JUnit XML: artifacts: {reports: {junit: junit.xml}}

    What the grading starts inherits no variable but a few that are known to be harmless, so no token.
    """
    from grader import ci as job
    from grader import running

    options = running.RunOptions(
        path, tuple(exercises), json_file, course, tier, True, tuple(reports), seal=running.Seal(**sealed)
    )
    leave(job.run(options, junit), fail_under)
