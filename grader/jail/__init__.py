"""Confinement of the student process: tiers, canaries, and the cell in which it runs."""

from __future__ import annotations

import compileall
from functools import cache
from pathlib import Path
from typing import Any

from grader.jail.cell import Cell, StudentProcess
from grader.jail.control import JailError
from grader.jail.home import share_home
from grader.jail.tiers import Tier, TierUnavailable

__all__ = [
    "Cell",
    "JailError",
    "StudentProcess",
    "Tier",
    "TierUnavailable",
    "open_cell",
    "share_home",
    "tiers",
    "warm_up",
]


@cache
def tiers() -> tuple[Any, ...]:
    """All tiers there are, strongest first; plug-ins' ones before those that ship."""
    from grader.plugins import plugin_manager

    return tuple(tier for given in plugin_manager().hook.grader_tiers() for tier in given)


@cache
def _compile_student_side() -> None:
    """The jail is read-only: what has not been compiled before would be compiled in each one anew."""
    compileall.compile_dir(Path(__file__).parents[1] / "student", quiet=2)


def warm_up(folder: Path) -> None:
    """Does once for this process, and for all that it forks, what every cell would do anew.

    Args:
        folder: where others may look; must be there as long as any cell.
    """
    _compile_student_side()
    share_home(folder)


def open_cell(
    submission: Path, rlimits: dict[str, int], masked: tuple[Path, ...] = (), tier: str | None = None
) -> Cell:
    """Starts a jail of the strongest tier that works here, judged by its canaries.

    Args:
        submission: the copy of the submission's files.
        rlimits: by name without `RLIMIT_`.
        masked: folders that must not be seen inside.
        tier: only this one; None: the strongest that works, and of those that are not for special requests.

    Raises:
        TierUnavailable: none works; the message says why, tier by tier.
    """
    _compile_student_side()
    why = []
    for candidate in tiers():
        if candidate.name != tier if tier is not None else getattr(candidate, "on_request", False):
            continue
        try:
            return Cell(candidate, submission, rlimits, masked)
        except TierUnavailable as error:
            why.append(f"{candidate.name}: {error}")
    known = ", ".join(candidate.name for candidate in tiers())
    raise TierUnavailable("; ".join(why) or f"there is no tier {tier!r}; there are {known}")
