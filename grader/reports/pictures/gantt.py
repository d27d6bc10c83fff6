"""The picture `gantt`: who had which CPU at which tick, as got and as expected, with the first tick that differs."""

from __future__ import annotations

from typing import Any

from grader.reports.pictures import Picture
from grader.results import TestResult

_MOST_TICKS = 400
_MEANS = {"*": "a switch", ".": "idle", "": "nothing"}


def picture(test: TestResult) -> Picture | None:
    """The charts that a test has attached as `gantt`: {"got": [...], "expected": [...]}; a hidden one attaches none."""
    charts = test.evidence.get("gantt")
    if not charts or test.verdict == "passed":
        return None
    got, expected = _lines(charts["got"]), _lines(charts.get("expected") or [])
    length = min(max((len(line) for line in [*got, *expected]), default=0), _MOST_TICKS)
    differs = _first_difference(got, expected, length) if expected else None
    data = {
        "charts": [
            {"name": name, "cpus": [_cells(line, length) for line in lines]}
            for name, lines in (("expected", expected), ("got", got))
            if lines
        ],
        "differs": differs,
        "ticks": list(range(0, length, 5)),
        "about": str(charts.get("about", "")),
    }
    where = "they are alike" if differs is None else f"they differ from tick {differs} on"
    return Picture("gantt", "Who had which CPU, tick by tick", where if expected else "as got", data)


def _lines(lines: Any) -> list[str]:
    return [line for line in lines if isinstance(line, str)][:64]


def _first_difference(got: list[str], expected: list[str], length: int) -> int | None:
    for tick in range(length):
        if [line[tick : tick + 1] for line in got] != [line[tick : tick + 1] for line in expected]:
            return tick
    return None


def _cells(line: str, length: int) -> list[dict[str, Any]]:
    return [
        {"char": char, "hue": (ord(char) - ord("A")) * 47 % 360 if char.isalpha() else None, "means": _means(char)}
        for char in [line[tick : tick + 1] for tick in range(length)]
    ]


def _means(char: str) -> str:
    return _MEANS.get(char, f"thread {char}")
