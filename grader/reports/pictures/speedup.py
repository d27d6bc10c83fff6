"""The picture `speedup`: how many times as fast on P cores, against the ideal, and against the best for that work."""

from __future__ import annotations

from typing import Any

from grader.reports.pictures import Picture
from grader.reports.wording import number
from grader.results import TestResult

_WIDE, _HIGH, _LEFT, _BOTTOM, _TOP, _RIGHT = 440, 280, 44, 40, 16, 20


def picture(test: TestResult) -> Picture | None:
    """The curve that a test has attached as `curve`: {"points": [[P, times], ...], "best": ..., "reference": ...}."""
    curve = test.evidence.get("curve")
    if not curve or len(curve["points"]) < 2:
        return None
    most = max(cores for cores, _ in curve["points"])
    lines = [
        {"name": name, "kind": kind, "path": _path(points, most), "dots": _dots(points, most)}
        for name, kind, points in (
            ("ideal", "ideal", [[cores, cores] for cores, _ in curve["points"]]),
            ("best for this work", "best", curve.get("best") or []),
            ("the reference's", "reference", curve.get("reference") or []),
            ("yours", "yours", curve["points"]),
        )
        if points
    ]
    told = ", ".join(f"{number(times)} on {cores}" for cores, times in curve["points"])
    data = {
        "lines": lines, "width": _WIDE, "height": _HIGH, "points": curve["points"], "best": curve.get("best") or [],
        "x_ticks": [{"at": cores, "x": _x(cores, most)} for cores, _ in curve["points"]],
        "y_ticks": [{"at": cores, "y": _y(cores, most)} for cores, _ in curve["points"]],
        "left": _LEFT, "bottom": _HIGH - _BOTTOM, "right": _WIDE - _RIGHT, "top": _TOP,
    }  # fmt: skip
    return Picture("speedup", "Speed-up on a machine of P cores", f"times as fast as on one core: {told}", data)


def _x(cores: float, most: float) -> float:
    return round(_LEFT + (_WIDE - _LEFT - _RIGHT) * cores / most, 1)


def _y(times: float, most: float) -> float:
    return round(_HIGH - _BOTTOM - (_HIGH - _TOP - _BOTTOM) * min(times, most) / most, 1)


def _path(points: list[list[float]], most: float) -> str:
    return " ".join(
        f"{'L' if at else 'M'}{_x(cores, most)} {_y(times, most)}" for at, (cores, times) in enumerate(points)
    )


def _dots(points: list[list[float]], most: float) -> list[dict[str, Any]]:
    return [
        {"x": _x(cores, most), "y": _y(times, most), "told": f"{number(times)} on {cores}"} for cores, times in points
    ]
