"""A roster joins what was handed in with who is who; what is doubtful is told and not guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.batch.attempts import Attempt, BatchError, Collection
from grader.batch.people import People, read_roster, read_table

ROSTER = """First name;Surname;Email address;SIS User ID;Canvas ID;GitHub username;Mood
Jane;Doe;jdoe@uni.example;1001;1201;janed;good
Max;Müller;max@uni.example;1002;1202;;
Jane;Roe;roe@uni.example;1003;1203;;
"""


@pytest.fixture
def people(tmp_path: Path) -> People:
    (tmp_path / "roster.csv").write_text("\ufeff" + ROSTER, encoding="utf-8")
    return read_roster(tmp_path / "roster.csv")


def joined(people: People, *attempts: Attempt) -> Collection:
    return people.join(Collection(attempts))


def test_columns_are_known_by_many_names(people: People) -> None:
    assert [(one.student, one.name) for one in people.listed] == [
        ("jdoe@uni.example", "Jane Doe"),
        ("max@uni.example", "Max Müller"),
        ("roe@uni.example", "Jane Roe"),
    ]
    assert people.listed[0].ids == {"email": "jdoe@uni.example", "sis": "1001", "canvas": "1201", "github": "janed"}


@pytest.mark.parametrize(
    ("attempt", "student"),
    [
        (Attempt("janed", "hw-janed", ids={"github": "janed"}), "jdoe@uni.example"),
        (Attempt("doejane", "doejane_1201_1_x.py", ids={"canvas": "1201"}), "jdoe@uni.example"),
        (Attempt("x", "submission_1", ids={"sid": "1002", "name": "Somebody"}), "max@uni.example"),
        (Attempt("Max Muller", "Max Muller_1_file"), "max@uni.example"),
        (Attempt("mullermax", "mullermax_9_9_x.py"), "max@uni.example"),
        (Attempt("JDOE", "JDOE"), "jdoe@uni.example"),
        (Attempt("1003", "1003.py"), "roe@uni.example"),
    ],
)
def test_attempts_get_the_rosters_names(people: People, attempt: Attempt, student: str) -> None:
    collection = joined(people, attempt)
    assert [one.student for one in collection.attempts] == [student]
    assert collection.doubtful == ()


def test_what_may_be_of_two_is_told_and_not_graded(people: People, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("student,name\na1,Jane Doe\na2,Doe Jane\n")
    [attempt] = joined(read_roster(tmp_path / "more.csv"), Attempt("Jane Doe", "Jane Doe_1_file", tmp_path)).attempts
    assert attempt.path is None
    assert attempt.problem.startswith("Jane Doe_1_file: may be of a1 or a2")
    assert attempt.may_be == ("a1", "a2")


def test_who_is_not_in_the_roster_is_flagged(people: People) -> None:
    collection = joined(people, Attempt("stranger", "stranger", Path("stranger")))
    [attempt] = collection.attempts
    assert attempt.path == Path("stranger")
    assert collection.doubtful[0].startswith("stranger: stranger is not in the roster")
    assert people.person("stranger", attempt).flags == ("not in the roster",)


def test_a_student_is_named_by_whatever_they_alone_have(people: People) -> None:
    students = ["jdoe@uni.example", "max@uni.example", "roe@uni.example", "stranger", "1203"]
    for name in ("jdoe@uni.example", "JDOE@uni.example", "Jane Doe", "1001", "1201", "janed"):
        assert people.named(name, students) == "jdoe@uni.example"
    assert people.named("stranger", students) == "stranger"
    assert people.named("1203", students) == "1203", "the gradebook's own name goes first"
    with pytest.raises(BatchError, match="no student 'jane doo'; did you mean"):
        people.named("jane doo", [*students, "jane do"])


def test_a_name_of_two_names_nobody(tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("student,name,section\na1,Jane Doe,A\na2,Jane Doe,B\n")
    people = read_roster(tmp_path / "more.csv")
    with pytest.raises(BatchError, match="'Jane Doe' may be a1 or a2; name one of them as gradebook"):
        people.named("Jane Doe", ["a1", "a2"])
    with pytest.raises(BatchError, match="no student 'B'"):
        people.named("B", ["a1", "a2"])


def test_two_entries_of_one_person_count_in_order_of_time(people: People) -> None:
    first = Attempt("janed", "a", when=datetime(2026, 10, 2, tzinfo=UTC))
    second = Attempt("JDOE", "b", when=datetime(2026, 10, 1, tzinfo=UTC))
    assert [(one.source, one.number) for one in joined(people, first, second).attempts] == [("b", 1), ("a", 2)]
    [undecided] = joined(people, Attempt("janed", "a"), Attempt("JDOE", "b")).attempts
    assert "which is the last cannot be told" in undecided.problem


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
    ("text", "column", "values"),
    [
        (CANVAS, "ID", ["", "", "1201", "1202"]),
        (MOODLE, "E-Mail-Adresse", ["jdoe@uni.example", "max@uni.example"]),
    ],
)
def test_tables_that_an_lms_has_exported_are_read(tmp_path: Path, text: str, column: str, values: list[str]) -> None:
    (tmp_path / "t.csv").write_text(text, encoding="utf-8", newline="\r\n")
    assert [row[column] for _, row in read_table(tmp_path / "t.csv").rows] == values


def test_a_roster_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_bytes(b"student\n\xff\xfe")
    with pytest.raises(BatchError, match="is not UTF-8"):
        read_roster(tmp_path / "roster.csv")
    with pytest.raises(BatchError, match="cannot be read"):
        read_roster(tmp_path / "nowhere.csv")


def roster(tmp_path: Path, text: str | bytes) -> People:
    (tmp_path / "roster.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_roster(tmp_path / "roster.csv")


@pytest.mark.parametrize("manual", ["", ",,,,,Manual Posting\n"])
def test_canvass_own_gradebook_is_a_roster(tmp_path: Path, manual: str) -> None:
    head = "Student,ID,SIS User ID,SIS Login ID,Section,Threads (7)\n"
    text = f'{head}{manual}    Points Possible,,,,,22\n"Smith, John",1003,,,A,\n"Smith, John",1004,,,A,\n'
    people = roster(tmp_path, text)
    assert [(one.student, one.name, one.ids["canvas"]) for one in people.listed] == [
        ("Smith, John (1003)", "Smith, John", "1003"),
        ("Smith, John (1004)", "Smith, John", "1004"),
    ]
    [attempt] = joined(people, Attempt("smithjohn_1004", "x", ids={"canvas": "1004"})).attempts
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


@pytest.mark.parametrize(("name", "found"), [("Łukasz Żak", "Lukasz Zak"), ("Søren Ægir", "Soren Aegir")])
def test_letters_that_systems_replace_are_the_same(tmp_path: Path, name: str, found: str) -> None:
    people = roster(tmp_path, f"name,login\n{name},l\n")
    assert [one.student for one in joined(people, Attempt(found, found)).attempts] == ["l"]
