"""How every form words points and names."""

from __future__ import annotations

from grader.results import Result

_PROTECTED = ("files", "network", "processes")
"""What tier `jail` guarantees."""


def number(points: float) -> str:
    """Points as a student writes them: 7, 7.5, 0.25."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def exact(points: float) -> int | float:
    """The same as a number for JSON, so that its digits are those of every other form: 7, 7.5, 0.25."""
    return int(points) if points == int(points) else round(points, 2)


def counted(count: float, noun: str) -> str:
    """A number and its noun: "1 point", "0.5 points", "3 tests"."""
    return f"{number(count)} {noun}" if count == 1 else f"{number(count)} {noun}s"


def test_name(name: str) -> str:
    """A test's name without `test_`: as easy to read, and `pytest -k` still finds it."""
    return name.removeprefix("test_")


def unconfined(result: Result) -> str:
    """What did not confine the student's code, in one line; empty where it was a jail, or where nothing is said."""
    held = result.environment.get("guarantees")
    missing = [name for name in _PROTECTED if name not in held] if isinstance(held, list) else []
    tier = result.environment.get("tier", "none")
    return f"Ran at tier {tier}: no protection of {', '.join(missing)} (`grade doctor`)" if missing else ""
