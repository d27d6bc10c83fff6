"""`grade explain`, `replay`, `watch`, `report` and `doctor`: a closer look at tests, a result, the machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from grader.cli.guard import guarded
from grader.cli.options import course_folder, html_page


def _looks(command: Any) -> Any:
    """The options of commands that look at a few tests of one submission."""
    for option in (
        click.option("--tier", metavar="NAME", help="Confine the student's code with this tier only."),
        course_folder,
        click.option("-e", "--exercise", "exercises", multiple=True, metavar="NAME", help="Look in this exercise."),
        click.argument("path", type=click.Path(path_type=Path), required=False),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("test")
@_looks
@click.option("--hint", "unfolded", type=click.IntRange(0), default=1, metavar="N", help="Show the first N hints.")
@html_page
@guarded
def explain(test: str, unfolded: int, html_file: str | None, **target: Any) -> None:
    """Tell everything about one test: rule, what was seen, who waited where, and the timeline.

    TEST is its name, or a part of it that no other test has. The test is run again for that.

    \b
    Examples:
      grade explain all_threads_start
      grade explain silent_client handed-in/alice --hint 2
    """
    from grader import closer

    closer.explain(test, closer.Target(**target), unfolded, html_file)


@click.command()
@click.argument("turns", metavar="TEST:SCHEDULE")
@_looks
@click.option("--hint", "unfolded", type=click.IntRange(0), default=0, metavar="N", help="Show the first N hints.")
@guarded
def replay(turns: str, unfolded: int, **target: Any) -> None:
    """Run one test under one schedule, and show the turns that the threads took.

    A report shows what to write. The same schedule gives the same run each time, so that you can see whether your
    change has made a difference; `-` is the schedule in which each thread goes on as long as it can.

    \b
    Example:
      grade replay no_sum_is_lost_when_two_threads_race:15.2
    """
    from grader import closer

    closer.replay(turns, closer.Target(**target), unfolded)


@click.command()
@_looks
@guarded
def watch(**target: Any) -> None:
    """Grade what has changed, each time you save it; first what had not passed. Ctrl-C ends it."""
    from grader import closer

    closer.watch(closer.Target(**target))


@click.command()
@click.argument("result", metavar="RESULT.json")
@click.option("--form", default="terminal", show_default=True, metavar="FORM", help="One of those below.")
@click.option("-o", "--output", default="-", metavar="FILE", help="Where to; without it, standard output.")
@guarded
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
    from grader import commands

    commands.report(result, form, output)


@click.command()
@guarded
def doctor() -> None:
    """Tell what is in force on this machine: Python, the tiers of confinement, what can be proved.

    Starts a jail of each tier and tries what it should forbid; for a tier that does not work here, says why
    and what would help.
    """
    from grader import commands

    commands.doctor()
