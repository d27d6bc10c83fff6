"""The command `grade`: options in, exit status out; no logic of its own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader import commands

if TYPE_CHECKING:
    pass

GRADED, BELOW, USAGE, FAULT, INTERRUPTED = 0, 1, 2, 3, 130


class _RunByDefault(click.Group):
    """`grade PATH` means `grade run PATH`."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        first = args[0] if args else ""
        if first not in self.commands and first not in ("--help", "--version"):
            args = ["run", *args]
        return super().parse_args(context, args)


@click.group(cls=_RunByDefault, context_settings={"help_option_names": ["--help", "-h"]})
@click.version_option(package_name="threadlab", message="threadlab %(version)s")
def main() -> None:
    """Marks exercises on processes and threads.

    \b
    grade                      the exercises in this folder
    grade exercises/NAME       one exercise
    grade SUBMISSION --json -  the result as JSON, for programs
    grade explain TEST         everything about one test
    grade replay TEST:SCHEDULE the turns that the threads took, again
    grade watch                grades what you change, as you save it
    grade report RESULT.json   a result in another form: JUnit, Markdown, ...
    grade ci                   for a workflow
    grade batch DIR --out OUT  all submissions of a course, to a gradebook
    grade compare OLD NEW      whose mark differs between two gradebooks, and why
    grade doctor               what is in force on this machine

    `grade PATH` is short for `grade run PATH`; see `grade run --help`.

    Exit status: 0 graded, whatever the score; 1 below --fail-under; 2 wrong usage or an unusable
    course; 3 the grader's own fault.
    """


@main.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option(
    "-e", "--exercise", "exercises", multiple=True, metavar="NAME", help="Only this exercise; may be repeated."
)
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write the result as JSON; - for standard output, and nothing else there.",
)
@click.option("--html", "html_file", metavar="FILE", help="Write a page with pictures of what was seen.")
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
@click.option("--fail-under", type=float, metavar="POINTS", help="Exit status 1 if the score is below.")
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
@click.option("--without", multiple=True, metavar="GROUP", help="Leave a group of tests out, with its points.")
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
    """
    files = {"junit": junit, "html": html_file, "trace": trace_file}
    forms = (*reports, *(f"{name}={file}" for name, file in files.items() if file))
    options = commands.RunOptions(
        path, tuple(exercises), json_file, course, tier, verbose, forms, tuple(without), unfolded, form == "plain"
    )
    _leave(_guarded(lambda: commands.run(options)), fail_under)


@main.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option(
    "-e", "--exercise", "exercises", multiple=True, metavar="NAME", help="Only this exercise; may be repeated."
)
@click.option("--junit", default="junit.xml", show_default=True, metavar="FILE", help="Where to write JUnit XML.")
@click.option("--json", "json_file", metavar="FILE", help="Write the result as JSON.")
@click.option("--report", "reports", multiple=True, metavar="FORM=FILE", help="As of `grade run`; may be repeated.")
@click.option("--fail-under", type=float, metavar="POINTS", help="Exit status 1 if the score is below.")
@click.option("--course", type=click.Path(path_type=Path), metavar="DIR", help="The folder with course.yaml.")
@click.option("--tier", metavar="NAME", help="Confine the student's code with this tier only.")
def ci(
    path: Path | None,
    exercises: Sequence[str],
    junit: str,
    json_file: str | None,
    reports: Sequence[str],
    fail_under: float | None,
    course: Path | None,
    tier: str | None,
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

    options = commands.RunOptions(path, tuple(exercises), json_file, course, tier, True, tuple(reports))
    _leave(_guarded(lambda: job.run(options, junit)), fail_under)


@main.command()
@click.argument("result", metavar="RESULT.json")
@click.option("--form", default="terminal", show_default=True, metavar="FORM", help="One of those below.")
@click.option("-o", "--output", default="-", metavar="FILE", help="Where to; without it, standard output.")
def report(result: str, form: str, output: str) -> None:
    """Write a result in another form.

    RESULT.json is what `grade --json FILE` wrote; - reads standard input.

    \b
    Forms:
      terminal       what failed and why, as plain text
      json           everything, as data
      junit          XML for CI systems
      markdown       for the summary of a CI job, or a comment
      github         workflow commands: annotations, and points for GitHub Classroom
      github-output  the step output that GitHub Classroom's reporter reads
      classroom50    result.json for Classroom 50, in its autograder.py
      gradescope     results.json for Gradescope
      html           a page with pictures, for a browser or paper
      trace          timelines, for Perfetto or chrome://tracing
    A plug-in may bring more: an unknown name lists all there are.

    \b
    Examples:
      grade report alice.json
      grade report alice.json --form junit -o alice.xml
    """
    _guarded(lambda: commands.report(result, form, output))


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="OUT", help="Where all results are kept."
)
@click.option(
    "-e", "--exercise", "exercises", multiple=True, metavar="NAME", help="Only this exercise; may be repeated."
)
@click.option("--course", type=click.Path(path_type=Path), metavar="DIR", help="The folder with course.yaml.")
@click.option("--format", metavar="NAME", help="How the submissions lie in DIR; else it is recognised.")
@click.option("--roster", type=click.Path(path_type=Path), metavar="CSV", help="Who is who: names, e-mails, ids.")
@click.option(
    "--keep",
    type=click.Choice(["best", "last", "all"]),
    default="last",
    show_default=True,
    help="Which of several attempts counts; all: the last, and the others get feedback too.",
)
@click.option("--only", multiple=True, metavar="STUDENT", help="Grade this student only; may be repeated.")
@click.option("--since", metavar="WHEN", help="Grade only what was handed in since, as in 2026-10-31T18:00.")
@click.option("--regrade", is_flag=True, help="Grade again what is known already.")
@click.option("--without", multiple=True, metavar="GROUP", help="Leave a group of tests out, with its points.")
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="Submissions at a time; else sized to the machine."
)
@click.option("--allow-tier", metavar="TIER", help="Accept this weaker tier of confinement (see `grade doctor`).")
@click.option(
    "--executor", default="local", metavar="NAME", show_default=True, help="Who does the work: local or dask."
)
@click.option("--scheduler", default="", metavar="ADDRESS", help="Of the Dask scheduler, for --executor dask.")
@click.option("--canvas-column", default="", metavar="TITLE", help="The assignment's column in Canvas: `Title (id)`.")
@click.option("--moodle", type=click.Path(path_type=Path), metavar="CSV", help="Moodle's worksheet, to fill in.")
@click.option("--similar", is_flag=True, help="List submissions that look alike, in OUT/similar.csv: never a mark.")
def batch(**given: Any) -> None:
    """Grade all submissions of a course.

    DIR is what you downloaded: a folder for each student, or an export of GitHub Classroom, Classroom 50,
    Gradescope, Canvas or Moodle, as it came (zip or unpacked). OUT gets gradebook.csv, gradebook.json,
    canvas.csv, feedback/<student>/ and results.sqlite, in which each result is kept as soon as it is there.

    Stopped by Ctrl-C, a full disk or worse, run the same command again: it goes on, and grades nothing twice.
    After a change to the course only the exercises that have changed are graded anew.

    \b
    Examples:
      grade batch handed-in --out marks
      grade batch submissions.zip --out marks -e threaded_sum --roster students.csv
      grade batch handed-in --out marks --regrade --only alice

    Exit status: 0 all graded; 2 wrong usage, or it could not go on; 130 interrupted.
    """
    lists: dict[str, Any] = {
        name: tuple(value) if isinstance(value, (list, tuple)) else value for name, value in given.items()
    }
    raise SystemExit(_guarded(lambda: commands.batch(commands.BatchOptions(**lists))))


@main.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
def compare(old: Path, new: Path) -> None:
    """Tell whose mark differs between two gradebooks, and why.

    OLD and NEW are folders that `grade batch` wrote to, or gradebook.json files. The gradebook before the last
    run is kept as OUT/gradebook.before.json.

    \b
    Example:
      grade compare marks/gradebook.before.json marks
    """
    _guarded(lambda: commands.compare(old, new))


@main.command()
def doctor() -> None:
    """Tell what is in force on this machine: Python, the tiers of confinement, what can be proved.

    Starts a jail of each tier and tries what it should forbid; for a tier that does not work here, says why
    and what would help.
    """
    _guarded(commands.doctor)


def _leave(graded: commands.Graded, fail_under: float | None) -> None:
    """Ends with the status of what was graded."""
    if graded.interrupted:
        raise SystemExit(INTERRUPTED)
    if graded.at_fault:
        raise SystemExit(FAULT)
    raise SystemExit(BELOW if fail_under is not None and graded.score < fail_under else GRADED)


def _looks(command: Any) -> Any:
    """The options of commands that look at a few tests of one submission."""
    for option in (
        click.option("--tier", metavar="NAME", help="Confine the student's code with this tier only."),
        click.option("--course", type=click.Path(path_type=Path), metavar="DIR", help="The folder with course.yaml."),
        click.option("-e", "--exercise", "exercises", multiple=True, metavar="NAME", help="Look in this exercise."),
        click.argument("path", type=click.Path(path_type=Path), required=False),
    ):
        command = option(command)
    return command


@main.command()
@click.argument("test")
@_looks
@click.option("--hint", "unfolded", type=click.IntRange(0), default=1, metavar="N", help="Show the first N hints.")
@click.option("--html", "html_file", metavar="FILE", help="Write a page with pictures of what was seen.")
def explain(test: str, unfolded: int, html_file: str | None, **target: Any) -> None:
    """Tell everything about one test: rule, what was seen, who waited where, and the timeline.

    TEST is its name, or a part of it that no other test has. The test is run again for that.

    \b
    Examples:
      grade explain all_threads_start
      grade explain silent_client handed-in/alice --hint 2
    """
    from grader import closer

    _guarded(lambda: closer.explain(test, closer.Target(**target), unfolded, html_file))


@main.command()
@click.argument("turns", metavar="TEST:SCHEDULE")
@_looks
@click.option("--hint", "unfolded", type=click.IntRange(0), default=0, metavar="N", help="Show the first N hints.")
def replay(turns: str, unfolded: int, **target: Any) -> None:
    """Run one test under one schedule, and show the turns that the threads took.

    A report shows what to write. The same schedule gives the same run each time, so that you can see whether your
    change has made a difference; `-` is the schedule in which each thread goes on as long as it can.

    \b
    Example:
      grade replay no_sum_is_lost_when_two_threads_race:15.2
    """
    from grader import closer

    _guarded(lambda: closer.replay(turns, closer.Target(**target), unfolded))


@main.command()
@_looks
def watch(**target: Any) -> None:
    """Grade what has changed, each time you save it; first what had not passed. Ctrl-C ends it."""
    from grader import closer

    _guarded(lambda: closer.watch(closer.Target(**target)))


def _guarded(command: Any) -> Any:
    """Runs a command; expected errors become a message and an exit status, never a traceback."""
    try:
        return command()
    except commands.UsageError as error:
        click.echo(f"grade: {commands.explain(error)}", err=True)
        raise SystemExit(USAGE) from None
    except KeyboardInterrupt:
        click.echo("grade: interrupted", err=True)
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(GRADED) from None
    except Exception as error:  # the last line of defence: a fault of ours, said as such
        click.echo(f"grade: the grader itself failed: {commands.explain(commands.describe_fault(error))}", err=True)
        raise SystemExit(FAULT) from None


if __name__ == "__main__":
    main(prog_name="grade")
