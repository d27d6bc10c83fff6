"""How a command ends: with an exit status, and with a message where it could not go on; never with a traceback."""

from __future__ import annotations

import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

import click

from grader.usage import UsageError

if TYPE_CHECKING:
    from grader.running import Graded

GRADED, BELOW, USAGE, FAULT, INTERRUPTED = 0, 1, 2, 3, 130

_Given = ParamSpec("_Given")


def guarded(command: Callable[_Given, None]) -> Callable[_Given, None]:
    """Makes expected errors of a command a message and an exit status."""

    @wraps(command)
    def run(*args: _Given.args, **kwargs: _Given.kwargs) -> None:
        try:
            with _ended_by_sigterm():
                command(*args, **kwargs)
        except UsageError as error:
            click.echo(f"grade: {_safe(str(error))}", err=True)
            raise SystemExit(USAGE) from None
        except KeyboardInterrupt:
            click.echo("grade: interrupted", err=True)
            raise SystemExit(INTERRUPTED) from None
        except BrokenPipeError:
            sys.stderr.close()
            raise SystemExit(GRADED) from None
        except Exception as error:  # the last line of defence: a fault of ours, said as such
            click.echo(f"grade: the grader itself failed: {_safe(_described(error))}", err=True)
            raise SystemExit(FAULT) from None

    return run


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends a command as Ctrl-C does: nothing of it is left. Once, since timeout(1) sends it twice."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def leave(graded: Graded, fail_under: float | None) -> None:
    """Ends with the status of what was graded."""
    if graded.interrupted:
        raise SystemExit(INTERRUPTED)
    if graded.at_fault:
        raise SystemExit(FAULT)
    raise SystemExit(BELOW if fail_under is not None and graded.score < fail_under else GRADED)


def _safe(message: str) -> str:
    """A message, which may quote a submission, as it is safe on standard error."""
    from grader.reports import ci_log

    return ci_log.message(message, sys.stderr)


def _described(error: BaseException) -> str:
    """One line on an exception of ours, with where it came from, to be reported."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(frame.filename).name}:{frame.lineno})"
