"""Who is who: the students of a course, from a roster where there is one."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.batch.attempts import Attempt


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
                return one
        flags = ("not in the roster",) if self.listed else ()
        return Person(student, student, dict(attempt.ids) if attempt else {}, flags)
