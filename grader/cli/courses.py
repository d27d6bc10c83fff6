"""`grade batch`, `compare`, `check`, `release` and `seal`: the commands for people who run courses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from grader.cli.guard import BELOW, GRADED, INTERRUPTED, guarded
from grader.cli.options import course_folder, only_exercises, without_groups


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="OUT", help="Where all results are kept."
)
@only_exercises
@course_folder
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
@without_groups
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
@guarded
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
    from grader import commands

    lists: dict[str, Any] = {
        name: tuple(value) if isinstance(value, (list, tuple)) else value for name, value in given.items()
    }
    raise SystemExit(commands.batch(commands.BatchOptions(**lists)))


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@guarded
def compare(old: Path, new: Path) -> None:
    """Tell whose mark differs between two gradebooks, and why.

    OLD and NEW are folders that `grade batch` wrote to, or gradebook.json files. The gradebook before the last
    run is kept as OUT/gradebook.before.json.

    \b
    Example:
      grade compare marks/gradebook.before.json marks
    """
    from grader import commands

    commands.compare(old, new)


@click.command()
@only_exercises
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
    "--jobs", type=click.IntRange(min=1), metavar="N", help="Gradings at the same time; else two more than CPUs."
)
@click.option(
    "--course",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder with course.yaml; else the nearest one upwards from here.",
)
@guarded
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
    from grader import commands
    from grader.checking.check import CheckOptions

    options["exercises"] = tuple(options["exercises"])
    wanted = CheckOptions(jobs=jobs or 0, **options)
    result = commands.check(wanted, json_file, course)
    if result.interrupted:
        raise SystemExit(INTERRUPTED)
    raise SystemExit(GRADED if result.releasable else BELOW)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@course_folder
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
@guarded
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
    from grader import commands
    from grader.release.commands import ReleaseOptions

    options = ReleaseOptions(folder, kind, requirement, sealed, key_file, force)
    commands.release(options, course)


@click.command()
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT")
@course_folder
@click.option("--key-file", type=click.Path(path_type=Path), metavar="FILE", help="Holds the key.")
@click.option("--new-key", type=click.Path(path_type=Path), metavar="FILE", help="Make a key, and put it there.")
@guarded
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
    from grader import commands

    commands.seal(out, course, key_file, new_key)
