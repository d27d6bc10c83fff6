"""The instructor's page: a whole course on one page, from plain data; what needs a look comes first.

Distribution, each test's pass rate and how well it tells strong submissions from weak ones, and a table of students to
sort and to filter, each with a link to the report of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import correlation, mean, median
from typing import Any
from urllib.parse import quote

from grader.reports.wording import number, test_name

_BINS = 20
_FEW = 10
"""Of fewer students nothing is said about how well a test tells them apart."""
_TELLS_LITTLE = 0.15
_LETTERS = {"passed": "p", "failed": "f", "inconclusive": "i"}


@dataclass(frozen=True)
class Student:
    """One row: what a student has come to."""

    name: str
    score: float
    max_score: float
    exercises: Mapping[str, float] = field(default_factory=dict)
    """Points by exercise."""
    verdicts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """By exercise and test: "passed", "failed", "inconclusive"."""
    inconclusive: float = 0.0
    """Points not decided."""
    flags: Sequence[str] = ()
    """What the instructor should look at."""
    report: str = ""
    """Where the student's own report is, relative to the page; empty: nowhere."""


@dataclass(frozen=True)
class Test:
    """One column of verdicts."""

    __test__ = False  # not a test class of pytest's

    exercise: str
    name: str
    group: str
    max_score: float
    visibility: str = "hidden"


def write_course_page(students: Sequence[Student], tests: Sequence[Test], path: Path, title: str = "Course") -> None:
    """Writes the page.

    Args:
        students: in any order.
        tests: in the order of the course.
        path: of the file; its folder is there.
        title: of the course.
    """
    path.write_bytes(render(students, tests, title))


def render(students: Sequence[Student], tests: Sequence[Test], title: str = "Course") -> bytes:
    """The page, in UTF-8; see `write_course_page`."""
    from grader.reports.markup import page

    ordered = sorted(students, key=lambda one: (not one.flags, not one.inconclusive, one.name.casefold(), one.name))
    exercises = list(dict.fromkeys([test.exercise for test in tests] + [e for one in students for e in one.exercises]))
    return page(
        "course.html",
        title=title,
        rows=[_row(one, exercises, tests) for one in ordered],
        tests=[_statistics(test, ordered) for test in tests],
        exercises=[_average(name, ordered, tests) for name in exercises],
        bins=_distribution(ordered),
        summary=_summary(ordered),
    )


def discrimination(test: Test, students: Sequence[Student]) -> float | None:
    """How well a test tells who can do it: the correlation of passing it with the points in the rest of its exercise.

    None: too few students to tell, or all alike.
    """
    key = (test.exercise, test.name)
    decided = [one for one in students if one.verdicts.get(key) in ("passed", "failed")]
    passed = [float(one.verdicts[key] == "passed") for one in decided]
    rest = [
        one.exercises.get(test.exercise, 0.0) - test.max_score * own for one, own in zip(decided, passed, strict=True)
    ]
    if len(decided) < _FEW or len(set(passed)) < 2 or len(set(rest)) < 2:
        return None
    return correlation(passed, rest)


def _statistics(test: Test, students: Sequence[Student]) -> dict[str, Any]:
    key = (test.exercise, test.name)
    found = [one.verdicts[key] for one in students if key in one.verdicts]
    index = discrimination(test, students)
    passed = found.count("passed")
    rate = passed / (len(found) - found.count("inconclusive")) if len(found) > found.count("inconclusive") else None
    return {
        "test": test,
        "name": test_name(test.name),
        "passed": passed,
        "failed": found.count("failed"),
        "inconclusive": found.count("inconclusive"),
        "rate": rate,
        "index": index,
        "bad": index is not None and index < _TELLS_LITTLE,
    }


def _row(student: Student, exercises: Sequence[str], tests: Sequence[Test]) -> dict[str, Any]:
    return {
        "student": student,
        "points": [student.exercises.get(name) for name in exercises],
        "verdicts": "".join(_LETTERS.get(student.verdicts.get((test.exercise, test.name), ""), "-") for test in tests),
        "link": quote(student.report.lstrip("/")) if student.report else "",
    }


def _average(name: str, students: Sequence[Student], tests: Sequence[Test]) -> dict[str, Any]:
    points = [one.exercises[name] for one in students if name in one.exercises]
    whole = sum(test.max_score for test in tests if test.exercise == name)
    average = mean(points) if points else 0.0
    return {"name": name, "max_score": whole, "average": average, "share": 100 * average / whole if whole else 0.0}


def _distribution(students: Sequence[Student]) -> list[dict[str, Any]]:
    """How many students there are in each twentieth of the points."""
    whole = max((one.max_score for one in students), default=0.0) or 1.0
    counts = [0] * _BINS
    for one in students:
        counts[min(_BINS - 1, max(0, int(_BINS * one.score / whole)))] += 1
    most = max(counts) or 1
    edges = [number(whole * at / _BINS) for at in range(_BINS + 1)]
    return [
        {"count": count, "height": 100 * count / most, "from": edges[at], "to": edges[at + 1]}
        for at, count in enumerate(counts)
    ]


def _summary(students: Sequence[Student]) -> list[tuple[str, str]]:
    scores = [one.score for one in students] or [0.0]
    return [
        ("students", str(len(students))),
        ("mean", number(mean(scores))),
        ("median", number(median(scores))),
        ("full marks", str(sum(one.score >= one.max_score > 0 for one in students))),
        ("not decided", str(sum(one.inconclusive > 0 for one in students))),
        ("flagged", str(sum(bool(one.flags) for one in students))),
    ]
