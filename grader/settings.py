"""How a submission is graded: what is asked for beside the submission and the course."""

from __future__ import annotations

from dataclasses import dataclass

from grader.session import Sessions, Starter, start_cold


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
    sessions: int | None = None
    """Test sessions at a time; None: one for each core."""
    start: Starter = start_cold
    have_run: Sessions | None = None
    """Has the tests run; None: `run_sessions`, with `start`."""
    coverage: bool = False
    """Note in each exercise which of its lines and branches no test has reached."""
    look: Look = Look()
