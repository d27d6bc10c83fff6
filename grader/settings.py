"""How a submission is graded: what is asked for beside the submission and the course."""

from __future__ import annotations

from dataclasses import dataclass

from grader.session import Sessions
from grader.sharing import run_shared


@dataclass(frozen=True)
class Look:
    """How closely to look; nothing of it changes a verdict."""

    tests: tuple[str, ...] = ()
    """Only these tests; empty: all."""
    illustrated: bool = False
    """Gather what only pictures need, too; takes longer."""
    schedule: str = ""
    """Run under this schedule only, and tell its story in any case."""


@dataclass(frozen=True)
class Settings:
    """How a submission is graded."""

    tier: str | None = None
    """Confine with this tier only; None: the strongest that works here."""
    without: tuple[str, ...] = ()
    """Groups of tests that are left out, with their points."""
    have_run: Sessions = run_shared
    """Has the tests run."""
    coverage: bool = False
    """Note in each exercise which of its lines and branches no test has reached."""
    look: Look = Look()
