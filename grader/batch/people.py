"""Who is who: the students of a course, joined with what was handed in."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from grader.batch.attempts import Attempt, BatchError, Collection
from grader.batch.formats.layout import numbered
from grader.course_model import suggestion

_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th"})
"""Letters that no normal form takes apart."""


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
        found = [
            one.student
            for one in self.listed
            if name.casefold()
            in {one.student.casefold(), one.name.casefold()} | _values(one, one.ids.keys() - {"section"})
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
