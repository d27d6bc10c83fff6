"""Reads a result that `grade --json` wrote, and says what is wrong with what is none."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from grader.results import LEAST_CHANGE, SCHEMA, ExerciseResult, Result, from_json, is_points

_LARGEST = 256 * 1024 * 1024
_POINTS = ("score", "max_score")


class NoResult(Exception):
    """The file holds no result that can be read; the message names it and says why."""


def read_result(file: str) -> Result:
    """The result in a file.

    Args:
        file: its path, or `-` for standard input.

    Raises:
        NoResult: it cannot be read, is none, is of another version, or has been changed so that it does not add up.
    """
    name = "standard input" if file == "-" else file
    try:
        data = sys.stdin.buffer.read(_LARGEST + 1) if file == "-" else _read(Path(file))
    except OSError as error:
        raise NoResult(f"{name}: cannot be read ({error.strerror})") from None
    if len(data) > _LARGEST:
        raise NoResult(f"{name}: larger than any result; give the file that `grade --json FILE` wrote")
    return _parsed(data, name)


def _read(file: Path) -> bytes:
    if file.is_dir():
        raise NoResult(f"{file}: is a folder; give the file that `grade --json FILE` wrote")
    with file.open("rb") as opened:
        if os.fstat(opened.fileno()).st_size > _LARGEST:
            raise NoResult(f"{file}: larger than any result; give the file that `grade --json FILE` wrote")
        return opened.read(_LARGEST + 1)


def _parsed(data: bytes, name: str) -> Result:
    try:
        found = json.loads(data)
    except json.JSONDecodeError as error:
        raise NoResult(
            f"{name}:{error.lineno}: is no JSON ({error.msg}); give what `grade --json FILE` wrote"
        ) from None
    except (UnicodeDecodeError, RecursionError, ValueError):
        raise NoResult(f"{name}: is no JSON; give the file that `grade --json FILE` wrote") from None
    schema = found.get("schema") if isinstance(found, dict) else None
    if not isinstance(schema, str) or not schema.startswith("threadlab/result/"):
        raise NoResult(f'{name}: is no result: no "schema": "{SCHEMA}" in it; give what `grade --json FILE` wrote')
    if schema != SCHEMA:
        raise NoResult(f"{name}: is of the version {schema[:60]!r}, this grader reads {SCHEMA!r}; grade it again")
    try:
        result = from_json(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise NoResult(f"{name}: is no whole result ({error}); grade it again") from None
    if wrong := _does_not_add_up(result):
        raise NoResult(f"{name}: {wrong}: has it been edited? Grade it again")
    return result


def _does_not_add_up(result: Result) -> str:
    """What about its points cannot be, so that two forms could give two numbers; empty if nothing."""
    for exercise in result.exercises:
        for test in exercise.tests:
            if not (is_points(test.max_score) and is_points(test.score) and test.score <= test.max_score):
                return f"{test.score} of {test.max_score} points for {test.name!r}, which must be multiples of 0.25"
        undecided = sum(test.max_score for test in exercise.tests if test.verdict == "inconclusive")
        if exercise.inconclusive != undecided or not all(
            _adds_up(exercise, exercise.tests, field) for field in _POINTS
        ):
            return f"the points of {exercise.name!r} are not the sum of its tests'"
    if _is_explained(result) and _adds_up(result, result.exercises, "inconclusive"):
        return ""
    return f"its points are not the sum of the exercises'{' and of the changes' if result.changes else ''}"


def _adds_up(whole: Result | ExerciseResult, parts: Sequence[object], field: str) -> bool:
    return bool(getattr(whole, field) == sum(getattr(part, field) for part in parts))


def _is_explained(result: Result) -> bool:
    """Whether the mark is what the exercises gave, and what the policy has made of it where there was one."""
    score = sum(part.score for part in result.exercises) + sum(change.points for change in result.changes)
    most = sum(part.max_score for part in result.exercises) + sum(change.max_points for change in result.changes)
    return abs(score - result.score) < 2 * LEAST_CHANGE and abs(most - result.max_score) < 2 * LEAST_CHANGE
