"""Reads a result that `grade --json` wrote, and says what is wrong with what is none."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import msgspec

from grader.results import SCHEMA, ExerciseResult, Result, from_json, is_points

_LARGEST = 256 * 1024 * 1024


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
        if not _adds_up(exercise, list(exercise.tests)) or exercise.inconclusive != undecided:
            return f"the points of {exercise.name!r} are not the sum of its tests'"
    return (
        ""
        if _adds_up(result, list(result.exercises), "inconclusive")
        else "its points are not the sum of the exercises'"
    )


def _adds_up(whole: Result | ExerciseResult, parts: list[object], *more: str) -> bool:
    fields = ("score", "max_score", *more)
    return all(getattr(whole, field) == sum(getattr(part, field) for part in parts) for field in fields)
