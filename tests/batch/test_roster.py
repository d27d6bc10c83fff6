"""Rosters of every origin; one that tells nobody apart is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.batch.attempts import Attempt, BatchError, Collection
from grader.batch.people import People
from grader.batch.roster import read_roster


def roster(tmp_path: Path, text: str | bytes) -> People:
    (tmp_path / "roster.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_roster(tmp_path / "roster.csv")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mood\ngood\n", r"roster\.csv:1: no column tells who a student is"),
        ("student,name\na,A\na,B\n", r"roster\.csv:3: a is there a second time"),
        ("student,mood\na,\n,good\n", r"roster\.csv:3: nothing tells who this is"),
    ],
)
def test_a_roster_that_cannot_be_used_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "roster.csv").write_text(text)
    with pytest.raises(BatchError, match=said):
        read_roster(tmp_path / "roster.csv")


def test_a_roster_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_bytes(b"student\n\xff\xfe")
    with pytest.raises(BatchError, match="is not UTF-8"):
        read_roster(tmp_path / "roster.csv")
    with pytest.raises(BatchError, match="cannot be read"):
        read_roster(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("manual", ["", ",,,,,Manual Posting\n"])
def test_canvass_own_gradebook_is_a_roster(tmp_path: Path, manual: str) -> None:
    head = "Student,ID,SIS User ID,SIS Login ID,Section,Threads (7)\n"
    text = f'{head}{manual}    Points Possible,,,,,22\n"Smith, John",1003,,,A,\n"Smith, John",1004,,,A,\n'
    people = roster(tmp_path, text)
    assert [(one.student, one.name, one.ids["canvas"]) for one in people.listed] == [
        ("Smith, John (1003)", "Smith, John", "1003"),
        ("Smith, John (1004)", "Smith, John", "1004"),
    ]
    [attempt] = people.join(Collection((Attempt("smithjohn_1004", "x", ids={"canvas": "1004"}),))).attempts
    assert attempt.student == "Smith, John (1004)"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("student,email\nalice,a@x\nbob,A@X\n", r"roster\.csv:3: email A@X is that of alice as well"),
        ("name,sis id\nA B,7\nC D,7\n", r"roster\.csv:3: 7 is there a second time"),
        ("student,sis id\na,7\nb,7\n", r"roster\.csv:3: sis 7 is that of a as well"),
        ("student,canvas id\na,7\nb,7\n", r"roster\.csv:3: canvas 7 is that of a as well"),
        ("student,email\n", r"roster\.csv: holds a header and no student"),
    ],
)
def test_a_roster_that_tells_nobody_apart_is_refused_at_once(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BatchError, match=said):
        roster(tmp_path, text)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_roster_may_be_what_excel_calls_unicode_text(tmp_path: Path, encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"
    text = f"{mark}Vorname\tNachname\tE-Mail-Adresse\tMatrikelnummer\nJürgen\tStein\tj@x\t7\n"
    [person] = roster(tmp_path, text.encode(encoding)).listed
    assert (person.student, person.name, person.ids) == ("j@x", "Jürgen Stein", {"email": "j@x", "sis": "7"})


def test_text_of_no_known_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match=r"roster\.csv:3: is not UTF-8 text"):
        roster(tmp_path, "student\na\nJürgen\n".encode("cp1252"))
