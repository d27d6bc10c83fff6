"""How every form words points and names."""

from __future__ import annotations


def number(points: float) -> str:
    """Points as a student writes them: 7, 7.5, 0.25."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def counted(count: float, noun: str) -> str:
    """A number and its noun: "1 point", "0.5 points", "3 tests"."""
    return f"{number(count)} {noun}" if count == 1 else f"{number(count)} {noun}s"


def test_name(name: str) -> str:
    """A test's name without `test_`: as easy to read, and `pytest -k` still finds it."""
    return name.removeprefix("test_")
