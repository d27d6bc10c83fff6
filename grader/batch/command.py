"""What `grade batch` does, from its options to the files in OUT."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from grader.batch import book
from grader.batch.attempts import BatchError, Collection, Format
from grader.batch.executors import Executor
from grader.batch.formats.plain import HOLDS_RESULTS
from grader.batch.formats.times import with_times_inside
from grader.batch.formats.unpack import unpack
from grader.batch.grading import Batch, Orders, scratch_folder
from grader.batch.local import default_jobs
from grader.batch.marking import marking_of
from grader.batch.outputs import Outputs, check_course, write_noted
from grader.batch.people import People
from grader.batch.progress import make_progress
from grader.batch.roster import read_roster
from grader.batch.similar import require_copydetect, similar, to_csv
from grader.batch.store import Store
from grader.batch.tier import tier_in_force
from grader.course import Course
from grader.course_model import suggestion
from grader.plugins import plugin_manager
from grader.reports.moodle_csv import Worksheet, WorksheetError, read_worksheet
from grader.reports.safe import for_terminal, on_one_line
from grader.reports.wording import counted

if TYPE_CHECKING:
    from grader.commands import BatchOptions

DONE, INTERRUPTED = 0, 130
_MOST_ASIDE = 10


def grade_batch(options: BatchOptions, course: Course) -> int:
    """Grades, keeps, writes and tells; gives the exit status.

    Raises:
        BatchError: it cannot begin, or not go on.
        CourseError: an option names what the course does not have.
    """
    exercises = tuple(course.exercise(name) for name in options.exercises) or course.exercises
    if options.out.resolve() == options.folder.resolve():
        raise BatchError(f"--out {options.out} is where the submissions are; give another --out")
    since = _time(options.since)
    executor = _executor(options.executor)
    if options.similar:
        require_copydetect()
    keep = cast(Literal["best", "last", "all"], options.keep)
    with Store(options.out) as store, scratch_folder(options.out) as scratch:
        check_course(options.out, course)
        people = read_roster(options.roster) if options.roster else People()
        worksheet = _worksheet(options.moodle)
        found = people.join(_collection(options, [one.name for one in exercises], scratch, _zone(course)))
        students = {*(one.student for one in found.attempts), *(one.student for one in people.listed)}
        marking = marking_of(course, partial(people.named, students=sorted(students)))
        for line in found.doubtful:
            print(on_one_line(for_terminal(f"Not clear: {line}")))
        orders = Orders(
            exercises, tier_in_force(options.allow_tier), executor, options.jobs or default_jobs(), options.without,
            _known(options.only, found), since, options.regrade, options.scheduler, options.jobs or 2 * default_jobs(),
        )  # fmt: skip
        progress = make_progress()
        batch = Batch(course, store, orders, progress)
        try:
            batch.run(book.that_count(found.attempts, keep), scratch)
        except KeyboardInterrupt:
            progress.close()
            kept = "what is graded so far is kept; run the same command to go on"
            print(f"grade: interrupted; {kept}", file=sys.stderr)
            return INTERRUPTED
        finally:
            progress.close()
        outputs = Outputs(options.out, keep, people, marking, options.canvas_column, worksheet)
        print(outputs.write(batch, found), end="", flush=True)
        if options.similar:
            chosen = book.that_count(found.attempts, "last")
            pairs = similar(chosen, exercises, scratch)
            write_noted(store, options.out, "similar.csv", to_csv(pairs))
            told = f"Look alike: {counted(len(pairs), 'pair')}, in {options.out / 'similar.csv'}"
            print(on_one_line(for_terminal(told)))
    return DONE


def _worksheet(file: Path | None) -> Worksheet | None:
    if file is None:
        return None
    try:
        return read_worksheet(file.read_bytes())
    except OSError as error:
        raise BatchError(f"--moodle {file}: {error.strerror}; check the path") from None
    except WorksheetError as error:
        raise BatchError(f"--moodle {file}: {error}") from None


def _zone(course: Course) -> tzinfo:
    """The zone of times that carry none: that of the due date, so that a mark is the same on every machine."""
    due = course.policy.due if course.policy else None
    return (due.tzinfo if due else None) or UTC


def _collection(options: BatchOptions, exercises: Sequence[str], scratch: Path, zone: tzinfo) -> Collection:
    """The attempts in what was downloaded, and one line on how they were found."""
    folder = options.folder
    left_out: list[str] = []
    unpacked: Path | None = None
    if folder.is_file() and folder.suffix.lower() == ".zip":
        unpacked, left_out = unpack(folder, scratch / "unpacked", zone)
        folder = unpacked
    if not folder.is_dir():
        raise BatchError(f"{folder} is neither a folder nor a zip; give the one that holds the submissions")
    try:
        folder = _unwrapped(folder)
        layout, why = _format(folder, options.format)
        found = _without(options.out, folder, with_times_inside(layout.find(folder, exercises), zone))
    except BatchError as error:  # what was unpacked is gone when somebody reads this
        raise BatchError(str(error).replace(str(unpacked), str(options.folder)) if unpacked else error) from None
    if not found.attempts:
        more = "".join(f"\n{line}" for line in found.doubtful)
        raise BatchError(
            f"{options.folder} holds no submission in the format {layout.name} ({layout.description}){more}"
        )
    students = len({attempt.student for attempt in found.attempts})
    how_many = f"{counted(len(found.attempts), 'submission')} of {counted(students, 'student')}"
    told = f"Format {layout.name} ({why}): {how_many}"
    print(on_one_line(for_terminal(told)), flush=True)
    if aside := [name for name in found.ignored if not name.startswith((".", "__MACOSX"))]:
        more = f" and {len(aside) - _MOST_ASIDE} more" if len(aside) > _MOST_ASIDE else ""
        print(on_one_line(for_terminal(f"Left aside: {', '.join(aside[:_MOST_ASIDE])}{more}")))
    return replace(found, doubtful=(*found.doubtful, *left_out))


def _unwrapped(folder: Path) -> Path:
    """The folder, or the only one in it where its name or what it holds is that of a download."""
    inner = [path for path in folder.iterdir() if not path.name.startswith(".")]
    if len(inner) != 1 or not inner[0].is_dir() or inner[0].is_symlink():
        return folder
    known = _formats()
    outer = next((one.name for one in known if one.recognise(folder)), "")
    within = next((one.name for one in known if one.recognise(inner[0])), "")
    return inner[0] if outer == "plain" and within not in ("", "plain") else folder


def _without(out: Path, folder: Path, found: Collection) -> Collection:
    """The attempts without OUT, which may lie among them; one that it lies in is not clear."""
    own = out.resolve()
    attempts = []
    for one in found.attempts:
        place = one.path.resolve() if one.path else None
        if place and place != own and own.is_relative_to(place):
            one = replace(one, path=None, problem=f"{one.source}: --out lies in it; give another --out")
        if place != own:
            attempts.append(one)
    earlier = f"{own.name}: {HOLDS_RESULTS}"
    doubtful = tuple(line for line in found.doubtful if own.parent != folder.resolve() or not line.startswith(earlier))
    return replace(found, attempts=tuple(attempts), doubtful=doubtful)


def _formats() -> list[Format]:
    return [one for given in plugin_manager().hook.grader_intake_formats() for one in given]


def _format(folder: Path, name: str | None) -> tuple[Format, str]:
    known = _formats()
    if name:
        for one in known:
            if one.name == name:
                return one, "as you said"
        raise BatchError(f"--format {name}: no such format; {suggestion(name, [one.name for one in known])}")
    for one in known:
        if why := one.recognise(folder):
            return one, f"recognised, because {why}"
    raise BatchError(f"{folder} is empty; give the folder that holds the submissions")


def _executor(name: str) -> Executor:
    known: dict[str, Executor] = {one.name: one for given in plugin_manager().hook.grader_executors() for one in given}
    if name not in known:
        raise BatchError(f"--executor {name}: no such executor; {suggestion(name, list(known))}")
    return known[name]


def _known(only: Sequence[str], found: Collection) -> tuple[str, ...]:
    students = sorted({attempt.student for attempt in found.attempts})
    for name in only:
        if name not in students:
            raise BatchError(f"--only {name}: no such student; {suggestion(name, students, 'see gradebook.csv')}")
    return tuple(only)


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise BatchError(f"--since {text}: is no time; write it as 2026-10-31 or 2026-10-31T18:00") from None
    return when if when.tzinfo else when.astimezone()  # a time without a zone is one of this machine's
