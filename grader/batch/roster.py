"""Reads a roster: who the students of a course are, in a table that an instructor or an LMS has written."""

from __future__ import annotations

import re
from pathlib import Path

from grader.batch.attempts import BatchError
from grader.batch.people import People, Person
from grader.batch.table import read_table

_COLUMNS = {
    "student": ("student", "key"),
    "name": ("name", "fullname", "displayname", "studentname", "vollständigername"),
    "first": ("firstname", "givenname", "first", "vorname"),
    "last": ("lastname", "surname", "familyname", "last", "nachname", "familienname"),
    "email": ("email", "emailaddress", "mail", "emailadresse"),
    "login": ("login", "loginid", "username", "user", "netid", "sisloginid", "anmeldename", "benutzername"),
    "sis": (
        "sis",
        "sisid",
        "sisuserid",
        "studentid",
        "studentnumber",
        "idnumber",
        "matriculation",
        "matrikelnummer",
        "idnummer",
    ),
    "sid": ("sid",),
    "canvas": ("canvas", "canvasid", "id"),
    "moodle": ("moodle", "moodleid", "participant", "participantid", "identifier"),
    "github": ("github", "githubusername", "githubuser"),
    "section": ("section", "group", "gruppe"),
}
_UNIQUE = ("email", "login", "sis", "sid", "canvas", "moodle", "github")
"""What no two students share."""
_KEYS = ("student", "login", "email", "sis", "sid", "github", "name")
"""What a student is called in the gradebook: the first of these that the roster has."""


def read_roster(file: Path) -> People:
    """Reads a roster: a CSV with a header, one student in a row.

    Columns are known by many names (`student`, `name` or `first name` and `last name`, `email`, `login`, `sis id`,
    `canvas id`, `moodle id`, `github`, ...); unknown ones are passed over.

    Raises:
        BatchError: it cannot be read; names file, line and remedy.
    """
    rows = read_table(file)
    known = {column: kind for kind, names in _COLUMNS.items() for column in rows.header if _header(column) in names}
    if not known:
        raise BatchError(f"{file.name}:1: no column tells who a student is; name one of them `student` or `email`")
    people: dict[str, Person] = {}
    owners: dict[tuple[str, str], str] = {}
    students = [row[column].strip() for column, kind in known.items() if kind == "student" for _, row in rows.rows]
    for line, row in rows.rows:
        if _is_canvass_own(row, known):
            continue
        ids = {kind: row[column].strip() for column, kind in known.items() if row[column].strip()}
        name = ids.pop("name", "") or f"{ids.pop('first', '')} {ids.pop('last', '')}".strip()
        student = next((ids[kind] for kind in _KEYS if ids.get(kind)), "") or name
        if "moodle" in ids:
            ids["moodle"] = re.sub(r"\D", "", ids["moodle"])
        name = name or student
        if student and students.count(student) > 1 and ids.get("canvas"):
            student = f"{student} ({ids['canvas']})"  # Canvas's `Student` is a name
        if not student:
            raise BatchError(f"{file.name}:{line}: nothing tells who this is; fill in a name, or remove the line")
        if student in people:
            raise BatchError(f"{file.name}:{line}: {student} is there a second time; remove one, or tell them apart")
        ids.pop("student", None)
        _check_unique(ids, student, owners, f"{file.name}:{line}")
        people[student] = Person(student, name, ids)
    if not people:
        raise BatchError(f"{file.name}: holds a header and no student; give one a row, or leave out --roster")
    return People(tuple(people.values()))


def _check_unique(ids: dict[str, str], student: str, owners: dict[tuple[str, str], str], place: str) -> None:
    for kind in _UNIQUE:
        if kind in ids and (owner := owners.setdefault((kind, ids[kind].casefold()), student)) != student:
            raise BatchError(f"{place}: {kind} {ids[kind]} is that of {owner} as well; correct it, or remove one")


def _is_canvass_own(row: dict[str, str], known: dict[str, str]) -> bool:
    """Whether a row of Canvas's gradebook is none of a student's."""
    cells = [cell.strip() for cell in row.values()]
    own = {row[column].strip() for column in known} - {""}
    return own == {"Points Possible"} or (not own and any(cell.startswith("Manual Posting") for cell in cells))


def _header(name: str) -> str:
    return re.sub(r"[^a-zäöüß0-9]", "", name.casefold())
