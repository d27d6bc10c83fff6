"""The progress of a grading, on one line of standard error that goes away."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

from grader.results import TestResult

if TYPE_CHECKING:
    from rich.console import Console

_ROOMY = 60
"""Columns from which on there is room for a long bar."""


class Progress(Protocol):
    """Told how a grading goes on; by one thread at a time."""

    def started(self, total: int) -> None:
        """So many tests are going to be run."""

    def finished(self, exercise: str, test: TestResult) -> None:
        """A verdict has come in."""

    def close(self) -> None:
        """Takes the line away; may be called again."""


class _Silent:
    """Says nothing: for programs, logs and pipes."""

    def started(self, total: int) -> None: ...

    def finished(self, exercise: str, test: TestResult) -> None: ...

    def close(self) -> None: ...


class _Line:
    """A bar, how many tests have run, how many failed, and which exercise is on."""

    def __init__(self, console: Console) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        bar = 20 if console.width >= _ROOMY else 6
        self._room = console.width - bar - len(" 1000/1000 ")
        self._progress = Progress(
            BarColumn(bar_width=bar),
            MofNCompleteColumn(),
            TextColumn("{task.description}", markup=False),
            console=console,
            transient=True,
            auto_refresh=False,  # a verdict is all that changes it: no thread of its own
            redirect_stdout=False,  # what a plug-in prints there stays there
        )
        self._task = self._progress.add_task("starting", total=None)
        self._failed = 0
        self._progress.start()

    def started(self, total: int) -> None:
        self._progress.update(self._task, total=total, refresh=True)

    def finished(self, exercise: str, test: TestResult) -> None:
        self._failed += test.verdict == "failed"
        failed = f", {self._failed} failed" if self._failed else ""
        text = f"{exercise}{failed}"[: max(self._room, 0)]
        self._progress.update(self._task, advance=1, description=text, refresh=True)

    def close(self) -> None:
        self._progress.stop()


def make_progress(quiet: bool, console: Console | None = None) -> Progress:
    """A line on a terminal that can be written over; nothing where there is none.

    Args:
        quiet: nothing in any case.
        console: where to; None: standard error.
    """
    if quiet or (console is None and not sys.stderr.isatty()):
        return _Silent()
    if console is None:
        from rich.console import Console

        console = Console(stderr=True)
    return _Line(console) if console.is_terminal and not console.is_dumb_terminal else _Silent()
