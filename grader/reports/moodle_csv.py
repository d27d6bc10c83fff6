"""Fills in the grading worksheet that was downloaded from Moodle, whatever the language of its headers.

Columns are known by what they hold: the first tells the participant by a number; the maximum grade is one number
in every row, and the grade is the column before it; feedback, where there is any, is the last.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from grader.gradebook import Gradebook, Row
from grader.reports.safe import for_csv, on_one_line
from grader.reports.wording import number

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_MARK = "\ufeff"
_NO = {
    "no", "nein", "non", "não", "nee", "nej", "nei", "ei", "ne", "nie", "nem", "nu", "hay\u0131r", "όχι", "нет",
    "\u043d\u0456", "否", "いいえ", "아니오", "لا", "לא",
}  # fmt: skip
"""What Moodle writes where a grade cannot be changed; in a language that is not here, it skips the row unsaid."""


class WorksheetError(Exception):
    """The worksheet cannot be filled in; the message says why and what to do."""


@dataclass(frozen=True)
class Worksheet:
    """A worksheet as it was downloaded."""

    header: list[str]
    rows: list[list[str]]
    delimiter: str
    grade: int
    """The column of the grade."""
    feedback: int | None
    has_mark: bool
    """It begins with a byte-order mark."""
    line_end: str

    @property
    def max_grade(self) -> float:
        """The greatest grade that Moodle takes."""
        return float(self.rows[0][self.grade + 1].replace(",", "."))


@dataclass(frozen=True)
class Filled:
    """A worksheet with grades."""

    data: bytes
    missing: list[str]
    """Students of the gradebook who have no row in it."""
    empty: list[str]
    """Rows of it that belong to no student of the gradebook."""
    locked: list[str]
    """Students whose grade cannot be changed, as Moodle says: it would skip them."""


def read_worksheet(data: bytes) -> Worksheet:
    """Reads a worksheet.

    Raises:
        WorksheetError: it is none.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WorksheetError("it is not UTF-8 text; download it from Moodle again") from None
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        header, *rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    except (ValueError, csv.Error):
        raise WorksheetError("it holds no table; download it from Moodle again") from None
    rows = [row + [""] * (len(header) - len(row)) for row in rows]
    grade = next((column - 1 for column in range(2, len(header)) if _is_maximum(rows, column)), None)
    if not rows or grade is None:
        raise WorksheetError("it has no column with the maximum grade; download the assignment's grading worksheet")
    last = len(header) - 1
    is_dates = any(row[last].strip() in ("-", "\u2013") or re.search(r"\d{1,2}:\d\d", row[last]) for row in rows)
    feedback = last if last > grade + 3 and not is_dates else None
    line_end = "\r\n" if "\r\n" in text else "\n"
    return Worksheet(header, rows, delimiter, grade, feedback, data.startswith(_MARK.encode()), line_end)


def _is_maximum(rows: list[list[str]], column: int) -> bool:
    """Whether a column holds one and the same positive number, and the one before it grades or nothing."""
    values = {row[column].strip() for row in rows}
    before = [row[column - 1].strip() for row in rows]
    if len(values) != 1 or not all(_NUMBER.fullmatch(value) for value in values):
        return False
    return float(next(iter(values)).replace(",", ".")) > 0 and all(not one or _NUMBER.fullmatch(one) for one in before)


def fill_in(sheet: Worksheet, book: Gradebook) -> Filled:
    """The worksheet with the marks of a gradebook; rows of others, and locked ones, are left as they are.

    Raises:
        WorksheetError: Moodle takes another number of points than the course gives.
    """
    most = max((row.max_score for row in book.rows), default=0.0)
    if book.rows and most != sheet.max_grade:
        given, asked = number(sheet.max_grade), number(most)
        raise WorksheetError(f"its maximum grade is {given}, the course gives {asked}: set {asked} in Moodle")
    comma = "," in sheet.rows[0][sheet.grade + 1]
    rows, empty, locked = [], [], []
    left = {row.student: row for row in book.rows}
    for cells in sheet.rows:
        found = _owner(cells, list(left.values()), book)
        if found is None:
            empty.append(cells[1] if len(cells) > 1 else cells[0])
            rows.append(cells)
            continue
        del left[found.student]
        if _is_locked(sheet, cells):
            locked.append(found.student)
            rows.append(cells)
            continue
        rows.append(_filled(sheet, cells, found, comma))
    file = io.StringIO()
    csv.writer(file, delimiter=sheet.delimiter, lineterminator=sheet.line_end).writerows([sheet.header, *rows])
    return Filled(((_MARK if sheet.has_mark else "") + file.getvalue()).encode(), sorted(left), empty, locked)


def _is_locked(sheet: Worksheet, cells: list[str]) -> bool:
    """Whether the column after the maximum says that the grade cannot be changed."""
    return len(cells) > sheet.grade + 2 and cells[sheet.grade + 2].strip().casefold() in _NO


def _owner(cells: list[str], candidates: list[Row], book: Gradebook) -> Row | None:
    """Whose row it is: by the participant's number, by a cell that is their e-mail or id, by a name that one has."""
    participant = re.search(r"(\d+)\s*$", cells[0])
    values = {cell.strip().casefold() for cell in cells[1:6] if cell.strip()}
    for row in candidates:
        if participant and row.ids.get("moodle") == participant[1]:
            return row
    for row in candidates:
        own = {row.ids[kind].casefold() for kind in ("email", "sis", "sid", "login") if row.ids.get(kind)}
        if (own | {row.student.casefold()}) & values:
            return row
    named = [row for row in book.rows if row.name.casefold() in values]
    return named[0] if len(named) == 1 and named[0] in candidates and not named[0].ids.get("moodle") else None


def _filled(sheet: Worksheet, cells: list[str], row: Row, comma: bool) -> list[str]:
    made = list(cells)
    if row.score is None:
        return made
    points = number(row.score)
    made[sheet.grade] = points.replace(".", ",") if comma else points
    if sheet.feedback is not None:
        parts = [f"{name} {number(cell.score)}" for name, cell in row.cells.items() if cell.score is not None]
        parts += [f"{one.reason} {number(one.points)}" for one in row.adjustments]
        made[sheet.feedback] = for_csv(on_one_line("; ".join(parts)))
    return made
