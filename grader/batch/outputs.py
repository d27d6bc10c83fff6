"""What a batch leaves in OUT for people and LMSs, all of it made from the results in the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from grader.batch import book
from grader.batch.attempts import BatchError, Collection
from grader.batch.compare import read_gradebook
from grader.batch.feedback import feedback_files, write_feedback, write_file
from grader.batch.grading import Batch
from grader.batch.leftovers import remove_leftovers
from grader.batch.marking import Marking
from grader.batch.page import page
from grader.batch.people import People
from grader.batch.store import Kept, Store
from grader.batch.summary import summary
from grader.course import Course, Exercise
from grader.gradebook import Gradebook, to_json
from grader.planning import tests_of
from grader.reports import canvas_csv, gradebook_csv
from grader.reports.moodle_csv import Worksheet, WorksheetError, fill_in
from grader.reports.safe import for_terminal, on_one_line
from grader.results import TestResult


@dataclass(frozen=True)
class Outputs:
    """What is to be written, and where to."""

    out: Path
    keep: book.Keep
    people: People
    marking: Marking
    canvas_column: str = ""
    worksheet: Worksheet | None = None
    """Of Moodle, to be filled in."""

    def write(self, batch: Batch, found: Collection) -> str:
        """Writes the gradebook in all its forms and the reports for students; gives the summary, fit to be printed.

        Raises:
            BatchError: something cannot be written.
        """
        graded = [
            book.Graded(one.attempt, one.digest, one.refused, one.fault, _slim(batch.kept(one.digest)), one.doubts)
            for one in batch.seen
        ]
        exercises = [_as_tested(one, batch.orders.without) for one in batch.orders.exercises]
        rows = book.rows(graded, exercises, self.keep, self.people, self.marking)
        notes = [f"Not clear: {line}" for line in found.doubtful]
        gradebook = book.gradebook(batch.course, exercises, rows, notes)
        batch.store.write_attempts(
            [
                (one.attempt.student, one.attempt.number, one.attempt.source, one.digest, one.refused)
                for one in batch.seen
            ]
        )
        reports = feedback_files(rows)
        batch.store.note(reports)
        write_feedback(rows, self.out, batch.kept)
        self._keep_earlier(to_json(gradebook))
        write_file(self.out / "gradebook.json", to_json(gradebook))
        write_file(self.out / "gradebook.csv", gradebook_csv.render(gradebook))
        write_file(self.out / "course.html", page(batch.course, exercises, rows))
        write_file(self.out / "canvas.csv", canvas_csv.render(gradebook, self.canvas_column))
        worksheet, told = _filled_in(self.worksheet, gradebook)
        if worksheet is not None:
            write_noted(batch.store, self.out, "moodle.csv", worksheet)
        remove_leftovers(batch.store, self.out, [*reports, *(["moodle.csv"] if worksheet is not None else [])])
        write_file(self.out / "summary.txt", summary(rows, [*notes, *told], whole=True).encode())
        if notes:  # each has been printed at the beginning
            entries = "1 entry is" if len(notes) == 1 else f"{len(notes)} entries are"
            told = [f"{entries} not clear: see above, or summary.txt", *told]
        places = f"Look at {self.out / 'course.html'}; gradebook.csv and feedback/ for students are beside it"
        return summary(rows, told) + on_one_line(for_terminal(places)) + "\n"

    def _keep_earlier(self, data: bytes) -> None:
        """A gradebook that said something else stays beside the new one, for `grade compare`."""
        file = self.out / "gradebook.json"
        if file.is_file() and file.read_bytes() != data:
            write_file(self.out / "gradebook.before.json", file.read_bytes())


def check_course(out: Path, course: Course) -> None:
    """Sees that OUT holds the marks of no other course: one of another title, with no exercise in common.

    Raises:
        BatchError: it does; nothing in it has been changed.
    """
    try:
        earlier = read_gradebook(out)
    except BatchError:
        return  # none yet, or none that can be read: then this run writes it
    names = [column.name for column in earlier.columns]
    if earlier.course != course.title and {exercise.name for exercise in course.exercises}.isdisjoint(names):
        whose = on_one_line(f"{earlier.course!r} ({', '.join(names)})")
        raise BatchError(f"{out} holds the marks of another course, {whose}; give another --out")


def _as_tested(exercise: Exercise, without: Sequence[str]) -> Exercise:
    """The exercise, worth what its tests that are here and asked for can give."""
    return replace(exercise, points=float(sum(test.points for test in tests_of(exercise, without))))


def _slim(kept: dict[str, Kept]) -> dict[str, Kept]:
    """Results without what only the reports of one submission need: those of a whole course are held at a time."""

    def without_evidence(test: TestResult) -> TestResult:
        return msgspec.structs.replace(test, evidence={}, rule="", reason="")

    return {
        name: Kept(
            msgspec.structs.replace(one.result, tests=list(map(without_evidence, one.result.tests))),
            one.environment,
            one.at_fault,
        )
        for name, one in kept.items()
    }


def write_noted(store: Store, out: Path, name: str, data: bytes) -> None:
    """Writes a file that is not there in every run: one that writes none removes it.

    Raises:
        BatchError: it cannot be written.
    """
    store.note([name])
    write_file(out / name, data)


def _filled_in(worksheet: Worksheet | None, gradebook: Gradebook) -> tuple[bytes | None, list[str]]:
    """What `moodle.csv` holds, None where there is none; and what is to be told of it."""
    if worksheet is None:
        return None, []
    try:
        filled = fill_in(worksheet, gradebook)
    except WorksheetError as error:
        return None, [f"No moodle.csv: {error}"]
    told = [f"Not in Moodle's worksheet: {', '.join(filled.missing)}"] if filled.missing else []
    told += [f"In Moodle's worksheet only: {', '.join(filled.empty)}"] if filled.empty else []
    told += [f"Locked in Moodle, left as they are: {', '.join(filled.locked)}"] if filled.locked else []
    return filled.data, told
