"""Finds a shorter schedule under which a program fails, too."""

from __future__ import annotations

from collections.abc import Callable


def shrink(schedule: str, fails: Callable[[str], bool], runs: int) -> str:
    """The schedule without as many of its switches as can be left out: first half of them at once, then fewer.

    Args:
        schedule: as `grader.student.world` names one: what to switch to and when, parted by `-`; `-` alone: none.
        fails: whether the program fails under a schedule.
        runs: how many schedules may be tried.
    """
    parts = [] if schedule == "-" else schedule.split("-")
    size = max(1, len(parts) // 2)
    while runs > 0 and parts:
        at, shorter = 0, False
        while at < len(parts) and runs > 0:
            runs -= 1
            candidate = parts[:at] + parts[at + size :]
            if fails("-".join(candidate) or "-"):
                parts, shorter = candidate, True
            else:
                at += size
        if size == 1 and not shorter:
            break
        size = max(1, size // 2)
    return "-".join(parts) or "-"
