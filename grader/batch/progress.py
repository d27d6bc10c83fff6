"""How a batch goes on: a live line on a terminal, one plain line for each submission elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TextIO

from grader.reports.safe import for_ci_log, for_terminal, on_one_line
from grader.reports.wording import number

if TYPE_CHECKING:
    from rich.console import Console

_LONGEST_NAMES = 40


class Lines:
    """One line for each submission that is done: for logs and pipes."""

    def __init__(self, out: TextIO) -> None:
        """Args: out: where to."""
        self._out = out
        self._total = self._done = self._again = 0

    def found(self, total: int) -> None:
        """So many attempts are to be looked at."""
        self._total = total

    def began(self, student: str) -> None:
        """A submission is being graded."""

    def finished(self, student: str, score: float | None, max_score: float, problem: str, again: bool) -> None:
        """A submission is done."""
        self._done += 1
        if again and not problem:
            self._again += 1
            return  # told once, at the end
        points = f"{number(score)}/{number(max_score)}" if score is not None else "not graded"
        why = f" ({problem})" if problem else ""
        place = f"{self._done:>{len(str(self._total))}}/{self._total}"
        print(on_one_line(for_ci_log(f"[{place}] {student}: {points}{why}")), file=self._out, flush=True)

    def close(self) -> None:
        """No more is to come."""
        if self._again:
            why = "known already, the same files as another's, or not asked for"
            print(f"{self._again} of {self._total} had nothing to be graded now: {why}", file=self._out, flush=True)
            self._again = 0


class Live:
    """A bar with rate, time left, what is running and what has failed so far."""

    def __init__(self, console: Console) -> None:
        """Args: console: a terminal."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self._progress = Progress(
            BarColumn(bar_width=20 if console.width >= 80 else 6),
            MofNCompleteColumn(),
            TextColumn("{task.description}", markup=False),
            console=console,
            transient=True,
            auto_refresh=False,
            redirect_stdout=False,
        )
        self._room = max(console.width - 36, 10)
        self._task = self._progress.add_task("starting", total=None)
        self._running: list[str] = []
        self._graded = self._problems = self._left = 0
        self._begun: float | None = None
        self._progress.start()

    def found(self, total: int) -> None:
        """So many attempts are to be looked at."""
        self._left = total
        self._progress.update(self._task, total=total, refresh=True)

    def began(self, student: str) -> None:
        """A submission is being graded."""
        self._begun = self._begun or time.monotonic()
        self._running.append(student)
        self._show(0)

    def finished(self, student: str, score: float | None, max_score: float, problem: str, again: bool) -> None:
        """A submission is done."""
        del score, max_score  # the gradebook tells
        if student in self._running:
            self._running.remove(student)
        self._graded += not again
        self._problems += bool(problem)
        self._left -= 1
        self._show(1)

    def close(self) -> None:
        """No more is to come."""
        self._progress.stop()

    def _show(self, advance: int) -> None:
        parts = []
        if self._graded and self._begun is not None:
            rate = self._graded / max(time.monotonic() - self._begun, 0.001)
            parts.append(f"{rate:.1f}/s, {_time(self._left / rate)} left")
        if self._problems:
            parts.append(f"{self._problems} with problems")
        names = ", ".join(self._running)
        parts.append(names if len(names) <= _LONGEST_NAMES else names[:_LONGEST_NAMES] + "...")
        text = on_one_line(for_terminal("; ".join(filter(None, parts))))[: self._room]
        self._progress.update(self._task, advance=advance, description=text, refresh=True)


def make_progress(console: Console | None = None) -> Lines | Live:
    """A live line on a terminal that can be written over, else lines on standard error.

    Args:
        console: where to; None: standard error.
    """
    if console is None and not sys.stderr.isatty():
        return Lines(sys.stderr)
    if console is None:
        from rich.console import Console

        console = Console(stderr=True)
    return Live(console) if console.is_terminal and not console.is_dumb_terminal else Lines(sys.stderr)


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"
