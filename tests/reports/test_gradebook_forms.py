"""The gradebook's forms, each read back by a reader that knows nothing of how it was written."""

from __future__ import annotations

import csv
import io
import json

import msgspec
import pytest

from grader.gradebook import Adjustment, Cell, Column, Gradebook, Row, from_json, to_json
from grader.reports import canvas_csv, gradebook_csv
from grader.reports.moodle_csv import WorksheetError, fill_in, read_worksheet

HEADER = (
    "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,Last modified (submission),"
)
ENGLISH = f"""\ufeff{HEADER}Last modified (grade),Feedback comments
Participant 4711,Jane Doe,jane@x,Submitted,,10.00,Yes,"Friday, 30 October 2026, 11:59 PM",-,
Participant 4712,Max Moss,max@x,Submitted,,10.00,Yes,"Friday, 30 October 2026, 10:00 AM",-,
Participant 4713,Eve Ill,eve@x,No submission,,10.00,Yes,-,-,
"""
GERMAN = """ID;Vollständiger Name;Status;Bewertung;Bestwertung;Änderbar;Abgabe geändert;Bewertung geändert\r
Teilnehmer/in4711;Jane Doe;Zur Bewertung abgegeben;3,00;10,00;Ja;Freitag, 30. Oktober 2026, 23:59;-\r
Teilnehmer/in4712;Max Moss;Zur Bewertung abgegeben;;10,00;Ja;Freitag, 30. Oktober 2026, 10:00;-\r
"""


def row(student: str, score: float, name: str = "", flags: tuple[str, ...] = (), **ids: str) -> Row:
    cells = {"one": Cell(score, 0.25, "graded", ""), "two": Cell(None, 0.0, "not graded", "")}
    return Row(student, name or student, ids, cells, score, score, 10.0, 0.25, list(flags), [Adjustment(-0.5, "late")])


@pytest.fixture
def book() -> Gradebook:
    rows = [
        row("=1+1", 0.0, flags=("refused: @SUM(A1)\nx; =cmd", "two")),
        row("doe", 7.25, "Jane Doe", moodle="4711", canvas="1201", sis="S1", login="jdoe", section="A"),
        row("moss", 8.33, "Max Moss", email="MAX@x"),
    ]
    return Gradebook("Threads", [Column("one", "One", 6.0), Column("two", "Two", 4.0)], rows)


def test_csv_has_the_columns_and_no_formula(book: Gradebook) -> None:
    header, *rows = csv.reader(io.StringIO(gradebook_csv.render(book).decode(), newline=""))
    assert header == ["student", "one", "two", "score", "max_score", "inconclusive", "flags"]
    assert rows[1] == ["doe", "7.25", "", "7.25", "10", "0.25", ""]
    assert rows[0][0] == "'=1+1"
    for cells in rows:
        for part in (part for cell in cells for part in cell.split(";")):
            assert part.strip()[:1] not in ("=", "+", "-", "@")


def test_what_is_not_graded_is_no_zero_in_any_form(book: Gradebook) -> None:
    missing = Gradebook("T", book.columns, [msgspec.structs.replace(row, score=None) for row in book.rows])
    for data, column in ((gradebook_csv.render(missing), 3), (canvas_csv.render(missing), 5)):
        assert [cells[column] for cells in csv.reader(io.StringIO(data.decode(), newline=""))][-3:] == ["", "", ""]
    filled = fill_in(read_worksheet(ENGLISH.encode()), missing)
    assert filled.data == fill_in(read_worksheet(filled.data), Gradebook("T", book.columns, [])).data


def test_json_comes_back_as_it_was(book: Gradebook) -> None:
    assert from_json(to_json(book)) == book
    assert json.loads(to_json(book))["schema"] == "threadlab/gradebook/v1"


def test_canvas_finds_everybody_by_its_own_rules(book: Gradebook) -> None:
    header, possible, *rows = csv.reader(io.StringIO(canvas_csv.render(book, "Threads (77)").decode(), newline=""))
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Threads (77)"]
    assert possible == ["    Points Possible", "", "", "", "", "10"]
    assert rows[1] == ["Jane Doe", "1201", "S1", "jdoe", "A", "7.25"]
    assert rows[2] == ["Max Moss", "", "", "", "", "8.33"]
    assert rows[0][0] == "'=1+1"
    assert canvas_csv.render(book).decode().splitlines()[0].endswith(",Threads")


def test_moodles_worksheet_is_filled_in(book: Gradebook) -> None:
    filled = fill_in(read_worksheet(ENGLISH.encode()), book)
    assert filled.data.startswith("\ufeffIdentifier,".encode())
    before = list(csv.reader(io.StringIO(ENGLISH.removeprefix("\ufeff"), newline="")))
    after = list(csv.reader(io.StringIO(filled.data.decode("utf-8-sig"), newline="")))
    assert [cells[4] for cells in after] == ["Grade", "7.25", "8.33", ""]
    assert after[1][-1] == "one 7.25; late -0.5"
    for old, new in zip(before, after, strict=True):
        assert old[:4] + old[5:9] == new[:4] + new[5:9], "what is Moodle's was changed"
    assert (filled.missing, filled.empty) == (["=1+1"], ["Eve Ill"])


def test_moodles_worksheet_may_be_in_any_language(book: Gradebook) -> None:
    sheet = read_worksheet(GERMAN.encode())
    assert sheet.feedback is None  # the last column holds dates
    filled = fill_in(sheet, book).data.decode()
    rows = list(csv.reader(io.StringIO(filled, newline=""), delimiter=";"))
    assert [cells[3] for cells in rows] == ["Bewertung", "7,25", "8,33"]
    assert filled.count("\r\n") == 3 and "\ufeff" not in filled


def test_rows_that_moodle_has_locked_are_left_as_they_are_and_told(book: Gradebook) -> None:
    english = ENGLISH.replace("Max Moss,max@x,Submitted,,10.00,Yes", "Max Moss,max@x,Submitted,5.00,10.00,No")
    filled = fill_in(read_worksheet(english.encode()), book)
    assert filled.locked == ["moss"] and filled.missing == ["=1+1"]
    before, after = (text.splitlines()[2] for text in (english, filled.data.decode()))
    assert before == after
    german = fill_in(read_worksheet(GERMAN.replace("10,00;Ja", "10,00; nein ", 1).encode()), book)
    assert german.locked == ["doe"] and "Jane Doe;Zur Bewertung abgegeben;3,00;" in german.data.decode()
    assert fill_in(read_worksheet(ENGLISH.encode()), book).locked == []


def test_a_status_in_place_of_the_lock_is_none(book: Gradebook) -> None:
    dates = GERMAN.replace(";Änderbar", "").replace("10,00;Ja", "10,00")
    assert fill_in(read_worksheet(dates.encode()), book).locked == []


def test_a_name_that_two_have_is_not_guessed(book: Gradebook) -> None:
    twins = Gradebook("Threads", book.columns, [row("a", 1.0, "Max Moss"), row("b", 2.0, "Max Moss")])
    filled = fill_in(read_worksheet(GERMAN.encode()), twins)
    assert (filled.missing, filled.empty) == (["a", "b"], ["Jane Doe", "Max Moss"])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no table"),
        (b"\xff\xfe", "not UTF-8"),
        (b"a,b,c\n1,2,x\n", "no column with the maximum grade"),
        (HEADER.encode() + b"\n", "no column with the maximum grade"),
    ],
)
def test_what_is_no_worksheet_is_told(data: bytes, said: str) -> None:
    with pytest.raises(WorksheetError, match=said):
        read_worksheet(data)


def test_another_maximum_is_told_and_not_scaled(book: Gradebook) -> None:
    sheet = read_worksheet(ENGLISH.replace("10.00", "100.00").encode())
    with pytest.raises(WorksheetError, match="maximum grade is 100, the course gives 10"):
        fill_in(sheet, book)
