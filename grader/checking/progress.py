"""The progress of a check: a bar on a terminal, a line now and then where there is none."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

_LINES = 20
"""So many lines at most tell how far it is, where there is no terminal."""


class Lines:
    """A line for each twentieth of the work, and one for each thing that is wrong."""

    def __init__(self, stream: TextIO) -> None:
        """Args: stream: where to."""
        self._stream = stream
        self._total = self._done = self._told = 0
        self._wrong: Counter[str] = Counter()

    def started(self, total: int) -> None:
        """So many gradings are going to be made."""
        self._total = total
        self._say(f"{total} gradings")

    def on(self, text: str) -> None:
        """What comes next."""
        if text:
            self._say(text)

    def graded(self, exercise: str, name: str, wrong: Sequence[str]) -> None:
        """One more is made."""
        self._done += 1
        for line in wrong:
            self._say(f"{exercise} {name}: {line}")
        share = self._done * _LINES // max(self._total, 1)
        if share > self._told:
            self._told = share
            self._say(f"{self._done}/{self._total}")

    def close(self) -> None:
        """Nothing is left to say."""

    def _say(self, text: str) -> None:
        print(text, file=self._stream, flush=True)


class Bar:
    """A bar with what is graded, and how long it may still take; what is wrong is written above it."""

    def __init__(self, console: Console) -> None:
        """Args: console: a terminal."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._console = console
        self._progress = Progress(
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.description}", markup=False),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task("starting", total=None)
        self._round = ""
        self._progress.start()

    def started(self, total: int) -> None:
        """So many gradings are going to be made."""
        self._progress.update(self._task, total=total)

    def on(self, text: str) -> None:
        """What comes next."""
        self._round = f"{text}: " if text else ""

    def graded(self, exercise: str, name: str, wrong: Sequence[str]) -> None:
        """One more is made."""
        for line in wrong:
            self._console.print(f"{exercise} {name}: {line}", markup=False, highlight=False)
        self._progress.update(self._task, advance=1, description=f"{self._round}{exercise} {name}"[:60])

    def close(self) -> None:
        """Takes the bar away."""
        self._progress.stop()


def make_progress() -> Lines | Bar:
    """What fits standard error."""
    if not sys.stderr.isatty():
        return Lines(sys.stderr)
    from rich.console import Console

    console = Console(stderr=True)
    return Bar(console) if console.is_terminal and not console.is_dumb_terminal else Lines(sys.stderr)
