"""What an intake format finds: attempts by students, and what it could not make out. And what a format is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol


class BatchError(Exception):
    """The batch cannot go on; the message names what is wrong and the remedy."""


@dataclass(frozen=True)
class Attempt:
    """One submission by one student, where it lies."""

    student: str
    """Who handed it in, as the format tells; a roster may give another name."""
    source: str
    """What it is called in messages: its path in the folder that was given."""
    path: Path | None = None
    """The submission as intake takes it; None if it is made up of `files`."""
    files: tuple[tuple[str, Path], ...] = ()
    """Single files, each with the name that it had when it was handed in."""
    number: int = 1
    """Which attempt of the student's it is, counted from 1 in the order in which they were handed in."""
    when: datetime | None = None
    """When it was handed in, with its time zone; None if that cannot be told."""
    when_from: str = "LMS"
    """Who tells so: "LMS", "commit" or "file"; a file's time may be that of its last copy."""
    problem: str = ""
    """Why it cannot be graded before the instructor has decided something; empty if it can."""
    may_be: tuple[str, ...] = ()
    """The students of the roster of whom one has handed it in, where it cannot be told which."""
    late: bool | None = None
    """Whether the export itself calls it late; None: it does not say."""
    by: str = ""
    """Whose the last commit is, where a commit tells when it was handed in."""
    flags: tuple[str, ...] = ()
    """What an instructor should look at."""
    ids: dict[str, str] = field(default_factory=dict)
    """What else is known of the student, by kind: `email`, `login`, `canvas`, `moodle`, `gradescope`, `sis`."""


@dataclass(frozen=True)
class Collection:
    """All that a format has found in a folder."""

    attempts: tuple[Attempt, ...]
    doubtful: tuple[str, ...] = ()
    """Entries that may be submissions, each with why it was not taken and what to do."""
    ignored: tuple[str, ...] = ()
    """Entries that are none."""


class Format(Protocol):
    """A layout in which submissions come. A plug-in may bring its own (`grader_intake_formats`)."""

    @property
    def name(self) -> str:
        """What `--format` knows it by."""

    @property
    def description(self) -> str:
        """Where it comes from and how it looks, in a few words."""

    def recognise(self, folder: Path) -> str:
        """What speaks for this format, in a few words that go on after "because"; empty if nothing does."""

    def find(self, folder: Path, exercises: Sequence[str]) -> Collection:
        """All attempts in `folder`.

        Args:
            folder: what the instructor downloaded, unpacked.
            exercises: the names of those that are graded.

        Raises:
            BatchError: this format cannot be read there; says why.
        """
