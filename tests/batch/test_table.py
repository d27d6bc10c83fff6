"""A table that a person has written: what can be read in two ways is an error, what an LMS has exported is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.batch.attempts import BatchError
from grader.batch.table import read_table

CANVAS = """\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Threads (4711),Current Score
,,,,,Manual Posting,,,
    Points Possible,,,,,25,(read only)
"Doe, Jane",1201,1001,jdoe,"Threads, A",,
"Roe, ""Max"" M.",1202,1002,max,B,20,80
"""
MOODLE = """\ufeffTeilnehmer/in;"Vollständiger Name";E-Mail-Adresse;Status;Bewertung;Bestwertung;"Feedback"
"Teilnehmer/in4711";"Jane Doe";jdoe@uni.example;"Zur Bewertung abgegeben - ";;25,00;"<p>""gut"",
weiter so</p>"
"Teilnehmer/in4712";"Max Müller";max@uni.example;"Keine Abgabe";;25,00;
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("student,points,reason\nalice,1,5,oral exam\n", r"t\.csv:2: has more cells than the header.*quotes"),
        ("student,points,reason\n\nalice,1,5,\n", r"t\.csv:3: has more cells"),
        ("student,points,reason,,\nalice,1,5,oral exam,\n", r"t\.csv:2: has more cells"),
        ('student,points,reason\ncarol,1,x\nalice,1,"oral\nbob,5,bonus\n', r"t\.csv:3: .*check the quotes"),
        ('student,points,reason\nalice,1,"oral\nbob,5,"bonus"\n', r"t\.csv:2: .*check the quotes"),
        ('student,"points\nalice,1\n', r"t\.csv:1: .*check the quotes"),
    ],
)
def test_a_row_that_can_be_read_in_two_ways_is_an_error(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(BatchError, match=said):
        read_table(tmp_path / "t.csv")


def test_a_cell_may_go_over_lines_and_a_row_may_end_early(tmp_path: Path) -> None:
    text = 'student;name\r\n1;a;"Ann\r\n""A"" Other"\r\n\r\nb\r\n;\r\n"c\u2028d";x\x0by\r\n'
    (tmp_path / "t.csv").write_bytes(text.replace("1;a", "a").encode("utf-8-sig"))
    assert read_table(tmp_path / "t.csv").rows == [
        (2, {"student": "a", "name": 'Ann\r\n"A" Other'}),
        (5, {"student": "b", "name": ""}),
        (7, {"student": "c\u2028d", "name": "x\x0by"}),
    ]


@pytest.mark.parametrize(
    ("text", "column", "values"),
    [
        (CANVAS, "ID", ["", "", "1201", "1202"]),
        (MOODLE, "E-Mail-Adresse", ["jdoe@uni.example", "max@uni.example"]),
    ],
)
def test_tables_that_an_lms_has_exported_are_read(tmp_path: Path, text: str, column: str, values: list[str]) -> None:
    (tmp_path / "t.csv").write_text(text, encoding="utf-8", newline="\r\n")
    assert [row[column] for _, row in read_table(tmp_path / "t.csv").rows] == values
