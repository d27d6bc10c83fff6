"""What an executor is: something that has tasks graded, here or elsewhere, and hands the outcomes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from grader.batch.messages import Outcome, Setup, Task
from grader.course import Course


@dataclass(frozen=True)
class Plan:
    """What an executor is started with."""

    setup: Setup
    course: Course | None
    """None: it comes with the setup, by content."""
    jobs: int
    """Submissions at a time on this machine; executors elsewhere have their own number."""
    scratch: Path
    """A folder for what is written meanwhile; removed by the batch."""
    scheduler: str = ""
    """Where the machines are to be had; empty if nothing was given."""
    most_jobs: int = 0
    """Submissions at a time while CPUs idle; 0: no more than `jobs`."""
    pinned: bool = True
    """Each worker may have a CPU of its own: nobody else starts workers here."""


class Running(Protocol):
    """An executor at work."""

    def room(self) -> int:
        """How many more tasks it can begin, or hold ready, now."""

    def submit(self, task: Task) -> None:
        """Takes a task in."""

    def next(self) -> Outcome:
        """Waits for an outcome of a task taken in; each comes once.

        Raises:
            BatchError: no outcome can come any more.
        """

    def close(self) -> None:
        """Ends everything, what is being graded too."""


@dataclass(frozen=True)
class Executor:
    """A way to have tasks graded. A plug-in may bring its own (`grader_executors`)."""

    name: str
    """What `--executor` knows it by."""
    description: str
    start: Callable[[Plan], Running]
    """Starts it; raises `BatchError` with a remedy if it cannot be."""
