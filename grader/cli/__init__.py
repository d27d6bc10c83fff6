"""The command `grade`: options in, exit status out; no logic of its own.

`grading`, `courses` and `closer` hold the commands; `guard` says how each of them ends. What a command needs is
imported when it runs: `grade --help` waits for nothing.
"""

from __future__ import annotations

import click

from grader.cli import closer, courses, grading

_COMMANDS = (
    *(grading.run, grading.ci),
    *(closer.explain, closer.replay, closer.watch, closer.report, closer.doctor),
    *(courses.batch, courses.compare, courses.check, courses.release, courses.seal),
)


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


for _command in _COMMANDS:
    main.add_command(_command)
