"""Pairs of submissions that look alike, as a report to look at: two programs may be alike for good reasons.

Found with copydetect (winnowing, the method of MOSS); what the stub gives to everybody does not count.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import combinations
from pathlib import Path
from typing import Any

from grader.batch.attempts import Attempt, BatchError
from grader.batch.taking import take
from grader.course import Exercise
from grader.reports.safe import for_csv, on_one_line

_K, _WINDOW = 25, 10
"""The shortest run of tokens that counts, and how densely fingerprints are chosen (copydetect's terms)."""
_LEAST_SHARE = 0.5
_LARGEST = 200_000
"""Characters of a program; larger ones are passed over."""


@dataclass(frozen=True)
class Pair:
    """Two submissions to one exercise that share much."""

    exercise: str
    one: str
    other: str
    share: float
    """Of the program of which the greater part is shared; 0 to 1."""


def require_copydetect() -> None:
    """Raises `BatchError` where the extra is not installed: at the beginning, and not after hours."""
    try:
        import_module("copydetect")
    except ImportError:
        raise BatchError("--similar needs copydetect; pip install 'threadlab[similar]'") from None


def similar(attempts: Sequence[Attempt], exercises: Sequence[Exercise], scratch: Path) -> list[Pair]:
    """The pairs of different students' submissions that share half of one of them or more, the most alike first.

    Args:
        attempts: one for each student.
        exercises: to compare.
        scratch: a folder to write in.
    """
    names = [exercise.name for exercise in exercises]
    files = {attempt.student: take(attempt, names, scratch).files for attempt in attempts}
    found = []
    for exercise in exercises:
        path = f"{exercise.name}/{exercise.name}.py"
        texts = {student: own[path].decode("utf-8", "replace") for student, own in files.items() if path in own}
        found += _pairs(exercise, {student: text for student, text in texts.items() if len(text) <= _LARGEST})
    return sorted(found, key=lambda pair: (-pair.share, pair.exercise, pair.one, pair.other))


def _pairs(exercise: Exercise, texts: dict[str, str]) -> list[Pair]:
    copydetect: Any = import_module("copydetect")  # untyped

    def fingerprint(text: str, without: Any = None) -> Any:
        settings = {"boilerplate": without, "language": "python", "fp": io.StringIO(text)}
        return copydetect.CodeFingerprint("x.py", _K, _WINDOW, **settings)

    given = exercise.stub.read_text(encoding="utf-8") if exercise.stub.is_file() else ""
    stub = list(fingerprint(given).hashes)
    prints = {student: fingerprint(text, stub) for student, text in texts.items()}
    found = []
    for one, other in combinations(sorted(prints), 2):
        if prints[one].hashes.isdisjoint(prints[other].hashes):
            continue
        _, shares, _ = copydetect.compare_files(prints[one], prints[other])
        share = min(1.0, float(max(shares)))
        if share >= _LEAST_SHARE:
            found.append(Pair(exercise.name, one, other, share))
    return found


def to_csv(pairs: Sequence[Pair]) -> bytes:
    """The pairs as a table: `exercise`, `student`, `other`, `percent` that is shared."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["exercise", "student", "other", "percent"])
    for pair in pairs:
        who = (for_csv(on_one_line(name)) for name in (pair.one, pair.other))
        writer.writerow([pair.exercise, *who, round(100 * pair.share)])
    return file.getvalue().encode()
