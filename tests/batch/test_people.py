"""A roster joins what was handed in with who is who; what is doubtful is told and not guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.batch.attempts import Attempt, BatchError, Collection
from grader.batch.people import People
from grader.batch.roster import read_roster

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


@pytest.mark.parametrize(("name", "found"), [("Łukasz Żak", "Lukasz Zak"), ("Søren Ægir", "Soren Aegir")])
def test_letters_that_systems_replace_are_the_same(tmp_path: Path, name: str, found: str) -> None:
    (tmp_path / "roster.csv").write_text(f"name,login\n{name},l\n", encoding="utf-8")
    people = read_roster(tmp_path / "roster.csv")
    assert [one.student for one in joined(people, Attempt(found, found)).attempts] == ["l"]
