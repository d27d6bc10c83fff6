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
    grade release DIR          the repository for students; grade seal: hidden tests for public places
    grade batch DIR --out OUT  all submissions of a course, to a gradebook
    grade compare OLD NEW      whose mark differs between two gradebooks, and why
    grade doctor               what is in force on this machine
    grade check                for instructors: are the tests right?

    `grade PATH` is short for `grade run PATH`; see `grade run --help`.

    Exit status: 0 graded, whatever the score; 1 below --fail-under; 2 wrong usage or an unusable
    course; 3 the grader's own fault.
    """


def _with_sealed(command: Any) -> Any:
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
@click.option("--coverage", is_flag=True, help="Tell which lines and branches no test has reached; takes longer.")
@_with_sealed
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
    files = {"junit": junit, "html": html_file, "trace": trace_file}
    forms = (*reports, *(f"{name}={file}" for name, file in files.items() if file))
    options = commands.RunOptions(
        path,
        tuple(exercises),
        json_file,
        course,
        tier,
        verbose,
        forms,
        tuple(without),
        commands.Seal(**sealed),
        coverage,
        unfolded,
        form == "plain",
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
@_with_sealed
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

    options = commands.RunOptions(
        path, tuple(exercises), json_file, course, tier, True, tuple(reports), seal=commands.Seal(**sealed)
    )
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


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--course", type=click.Path(path_type=Path), metavar="DIR", help="The folder with course.yaml.")
@click.option(
    "--requirement",
    metavar="SPEC",
    default="",
    help="What pip installs the grader from, as in a requirements file; else a wheel of this grader is put into DIR.",
)
@click.option("--for", "kind", metavar="KIND", default="student", help="For whom: one of the kinds below.")
@click.option("--classroom50", "kind", flag_value="classroom50", help="The same as --for classroom50.")
@click.option("--gradescope", "kind", flag_value="gradescope", help="The same as --for gradescope.")
@click.option("--sealed", type=click.Path(path_type=Path), metavar="FILE", help="Put these sealed tests into DIR.")
@click.option(
    "--key-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Seal the tests now, with the key in FILE; for classroom50 and docker a key in THREADLAB_SEAL_KEY will do.",
)
@click.option("--force", is_flag=True, help="Write over what is in DIR; what is there besides stays.")
def release(
    folder: Path,
    course: Path | None,
    requirement: str,
    kind: str,
    sealed: Path | None,
    key_file: Path | None,
    force: bool,
) -> None:
    """Make the repository that students get, or what a platform needs that grades them, in DIR.

    \b
    Kinds:
      student      stubs, public tests, handouts, README, CI workflows, dev container, editor settings
      classroom50  autograder.py and its bundle; the hidden tests in it are sealed
      gradescope   autograder.zip
      docker       a Dockerfile for grading in the jail
      central      a repository of your own whose workflow grades everybody's

    No kind holds a solution, and no public one a hidden test: each is searched for what they say before it
    is put in place. The students' repository is also graded by its own public tests: the stubs must get nothing,
    the references everything.

    \b
    Examples:
      grade release ../lab-2026
      grade release ../lab-2026 --requirement 'threadlab==0.1.0'
      grade release bundle --classroom50 --key-file seal.key
      grade release upload --gradescope
    """
    from grader.release.commands import ReleaseOptions

    options = ReleaseOptions(folder, kind, requirement, sealed, key_file, force)
    _guarded(lambda: commands.release(options, course))


@main.command()
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT")
@click.option("--course", type=click.Path(path_type=Path), metavar="DIR", help="The folder with course.yaml.")
@click.option("--key-file", type=click.Path(path_type=Path), metavar="FILE", help="Holds the key.")
@click.option("--new-key", type=click.Path(path_type=Path), metavar="FILE", help="Make a key, and put it there.")
def seal(out: Path, course: Path | None, key_file: Path | None, new_key: Path | None) -> None:
    """Encrypt the hidden tests, and all that marks with them, into the file OUT.

    OUT may lie in a public place; only who has the key can read it. The key comes from --key-file, or from the
    variable THREADLAB_SEAL_KEY, or is made with --new-key; it is never an argument itself.

    \b
    Examples:
      grade seal tests.sealed --new-key seal.key       the first time
      grade seal tests.sealed --key-file seal.key      after a change to the tests
      grade run handed-in/alice --sealed tests.sealed --key-file seal.key
    """
    _guarded(lambda: commands.seal(out, course, key_file, new_key))


@main.command()
@click.option(
    "-e", "--exercise", "exercises", multiple=True, metavar="NAME", help="Only this exercise; may be repeated."
)
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write all that was found as JSON; - for standard output, and nothing else there.",
)
@click.option("--repeat", type=click.IntRange(min=1), default=1, metavar="N", help="Do it all N times; see below.")
@click.option("--load", type=click.IntRange(min=0, max=1000), default=0, metavar="K", help="Beside K busy loops.")
@click.option("--mutants/--no-mutants", default=True, help="Whether mutants of the references must be caught.")
@click.option("--coverage/--no-coverage", default=True, help="Whether every line and branch of them must be reached.")
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="Gradings at the same time; else one more than CPUs."
)
@click.option(
    "--course",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder with course.yaml; else the nearest one upwards from here.",
)
def check(json_file: str | None, course: Path | None, jobs: int | None, **options: Any) -> None:
    """Test the tests of a course: is it releasable?

    The reference must get full marks, the stub nothing, each file of solutions/<exercise>/correct must pass
    everything, and each of solutions/<exercise>/faulty must fail the tests that its head names, and no others
    than it allows. Mutants of the reference (a lock dropped, a join forgotten, a bound off by one) must be
    caught, or judged equivalent in solutions/<exercise>/mutants.yaml. The tests must reach every line and
    branch of the reference.

    With --repeat, the first round runs as the machine is, the others beside the busy loops of --load, every
    second one of them on a single CPU; a verdict that is not the same each time counts against the pack.

    \b
    Examples:
      grade check
      grade check -e threaded_sum --no-mutants
      grade check --repeat 50 --load 6 --json check.json

    Exit status: 0 releasable; 1 not; 2 wrong usage or a course that cannot be checked; 3 the grader's own fault.
    """
    from grader.checking.check import CheckOptions

    options["exercises"] = tuple(options["exercises"])
    wanted = CheckOptions(jobs=jobs or 0, **options)
    result = _guarded(lambda: commands.check(wanted, json_file, course))
    if result.interrupted:
        raise SystemExit(INTERRUPTED)
    raise SystemExit(GRADED if result.releasable else BELOW)


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
