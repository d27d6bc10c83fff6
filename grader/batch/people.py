"""Who is who: the students of a course, from a roster where there is one, joined with what was handed in."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path

from grader.batch.attempts import Attempt, BatchError, Collection
from grader.batch.formats.layout import numbered
from grader.course_model import suggestion

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
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th"})
"""Letters that no normal form takes apart."""
_KEYS = ("student", "login", "email", "sis", "sid", "github", "name")
"""What a student is called in the gradebook: the first of these that the roster has."""


@dataclass(frozen=True)
class Person:
    """A student of the course."""

    student: str
    """What the gradebook calls them."""
    name: str = ""
    ids: dict[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class People:
    """Everybody that is known beforehand."""

    listed: tuple[Person, ...] = ()

    def person(self, student: str, attempt: Attempt | None) -> Person:
        """Who `student` is: from the roster, else as the attempt tells."""
        for one in self.listed:
            if one.student == student:
                return replace(one, ids=one.ids | (attempt.ids if attempt else {}))
        ids = dict(attempt.ids) if attempt else {}
        flags = ("not in the roster",) if self.listed else ()
        return Person(student, ids.get("name", student), ids, flags)

    def named(self, name: str, students: Sequence[str]) -> str:
        """What the gradebook calls the student whom `name` means: that itself, or what they alone have in the roster.

        Args:
            name: as an instructor has written it.
            students: all in the gradebook.

        Raises:
            BatchError: it means nobody, or more than one; says what to write.
        """
        if name in students:
            return name
        kinds = [kind for kind in _COLUMNS if kind != "section"]
        found = [
            one.student
            for one in self.listed
            if name.casefold() in {one.student.casefold(), one.name.casefold()} | _values(one, kinds)
        ]
        if not found:
            raise BatchError(f"no student {name!r}; {suggestion(name, sorted(students), 'see gradebook.csv')}")
        if len(found) > 1:
            raise BatchError(f"{name!r} may be {' or '.join(found)}; name one of them as gradebook.csv does")
        return found[0]

    def join(self, found: Collection) -> Collection:
        """The same attempts under the names of the roster; doubtful matches are told, and not made.

        Args:
            found: as a format has it.
        """
        if not self.listed:
            return found
        attempts, doubtful = [], list(found.doubtful)
        names = [(one, _known_as(one)) for one in self.listed]
        for attempt in found.attempts:
            if attempt.ids.get("anonymous"):  # that of somebody in the roster, who must not get a 0 for it
                attempts.append(replace(attempt, may_be=tuple(one.student for one in self.listed)))
                continue
            matches = self._by_id(attempt) or _by_name(attempt, names)
            if len(matches) == 1:
                attempts.append(replace(attempt, student=matches[0].student))
                continue
            if matches:
                who = " or ".join(one.student for one in matches)
                problem = f"{attempt.source}: may be of {who}; tell them apart in the roster, or rename it"
                doubtful.append(problem)
                may_be = tuple(one.student for one in matches)
                attempt = replace(attempt, path=None, files=(), problem=problem, may_be=may_be)
            else:
                doubtful.append(f"{attempt.source}: {attempt.student} is not in the roster; marked under that name")
            attempts.append(attempt)
        students = [attempt.student for attempt in attempts]
        alone = [attempt for attempt in attempts if students.count(attempt.student) == 1 or attempt.number > 1]
        joined = numbered([attempt for attempt in attempts if attempt not in alone], doubtful, found.ignored)
        return Collection(tuple(sorted((*alone, *joined.attempts), key=_order)), joined.doubtful, joined.ignored)

    def _by_id(self, attempt: Attempt) -> list[Person]:
        """By what only one person has."""
        for kind in ("email", "sis", "sid", "canvas", "moodle", "github", "login"):
            value = attempt.ids.get(kind, "").casefold()
            kinds = ("sis", "sid") if kind in ("sis", "sid") else (kind, "login") if kind == "github" else (kind,)
            if value and (same := [one for one in self.listed if value in _values(one, kinds)]):
                return same
        return []


def _by_name(attempt: Attempt, names: list[tuple[Person, set[str]]]) -> list[Person]:
    """By whatever their folder may be called."""
    ids = attempt.ids
    wanted = {_plain(name) for name in (attempt.student, ids.get("name", ""), ids.get("canvas_name", ""))} - {""}
    return [person for person, known in names if wanted & known]


def _order(attempt: Attempt) -> tuple[str, int]:
    return attempt.student, attempt.number


def _values(person: Person, kinds: Iterable[str]) -> set[str]:
    return {person.ids[kind].casefold() for kind in kinds if person.ids.get(kind)}


def _known_as(person: Person) -> set[str]:
    """All that a folder of theirs may be called, made plain."""
    ids = person.ids
    names = {person.student, person.name, *(ids.get(kind, "") for kind in ("login", "email", "github", "sis", "sid"))}
    names.add(ids.get("email", "").partition("@")[0])
    words = person.name.replace(",", " ").split()
    names |= {"".join([*words[n:], *words[:n]]) for n in range(len(words))}  # Jane Doe, and doejane
    return {_plain(name) for name in names} - {""}


def _plain(name: str) -> str:
    """A name without what systems drop: case, accents, spaces, punctuation."""
    apart = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    return "".join(c for c in apart if c.isalnum())


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


@dataclass(frozen=True)
class Table:
    """A CSV file: its header, and each row with its line."""

    header: Sequence[str]
    rows: list[tuple[int, dict[str, str]]]


def read_table(file: Path) -> Table:
    """Reads a CSV in UTF-8, or in UTF-16 with a mark at its beginning; cells separated by comma, semicolon or tab.

    Raises:
        BatchError: it cannot be read, or in two ways: a row has more cells than the header, a quote is never closed.
    """
    try:
        data = file.read_bytes()
        wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except OSError as error:
        raise BatchError(f"{file}: cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BatchError(f"{file.name}:{line}: is not UTF-8 text; save it as UTF-8") from None
    lines = _lines(text, file)
    _, header = next(lines, (1, []))
    width = max((place for place, name in enumerate(header, 1) if name), default=0)
    rows = []
    for line, cells in lines:
        surplus = cells[width:]
        # Canvas's row on hidden assignments, which is nobody's, can end in empty cells too many
        if any(surplus) or (len(cells) > len(header) and cells[0]):
            raise BatchError(
                f"{file.name}:{line}: has more cells than the header; put what holds a separator in quotes"
            )
        row = {name: cell for name, cell in zip_longest(header, cells, fillvalue="") if name}
        if any(row.values()):
            rows.append((line, row))
    return Table([name for name in header if name], rows)


def _lines(text: str, file: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table that hold anything, each with the line on which it begins."""
    head = text.partition("\n")[0].partition("\r")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise BatchError(f"{file.name}:{line}: {error}; check the quotes from there on") from None
        if cells is None:
            return
        if cells:
            yield line, cells


def _header(name: str) -> str:
    return re.sub(r"[^a-zäöüß0-9]", "", name.casefold())
