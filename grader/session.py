"""Starts trusted pytest processes, the sessions, and takes their verdicts in."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Protocol

import msgspec

from grader.jail.shield import shield
from grader.results import TestResult
from grader.testing.plan import Event, Plan

Listener = Callable[[str, TestResult], TestResult]
"""Takes an exercise's name and a verdict as it comes in; gives what is to be kept of it."""


class SessionProcess(Protocol):
    """A process that reads a plan from `stdin` and writes events to `stdout`; `subprocess.Popen` is one."""

    stdin: IO[bytes] | None
    stdout: IO[bytes] | None

    def kill(self) -> None:
        """Ends it at once."""

    def wait(self) -> int:
        """Returns when it has ended."""


Starter = Callable[[IO[bytes]], SessionProcess]
"""Starts a session's process, whose errors go to the file given."""

_LONGEST_LINE = 16 << 20
"""Bytes of one event; far more than a verdict with its evidence may have."""

_MOST_ODD = 10
"""Lines that are no events, after which nothing more is expected of a session."""

_COMMAND = [sys.executable, "-I", "-m", "grader.testing.session"]


@dataclass
class SessionOutcome:
    """What the sessions of a submission came to."""

    tests: dict[tuple[str, str], TestResult] = field(default_factory=dict)
    """Verdicts by exercise and test."""
    environment: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    """What went wrong on the grader's side."""
    interrupted: bool = False
    arcs: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """By exercise, where it was asked for: the lines that were executed, each with the one before it."""

    def take(self, event: Event, listener: Listener) -> None:
        """Takes in what a session says; the caller sees to it that only one thread does so at a time."""
        if event.environment is not None and _holds_less(event.environment, self.environment):
            self.environment = event.environment
        if event.fault and event.fault not in self.faults:
            self.faults.append(event.fault)
        if event.arcs is not None:
            self.arcs[event.exercise] = sorted({*self.arcs.get(event.exercise, ()), *event.arcs})
        if event.test is not None:
            self.tests[event.exercise, event.test.name] = listener(event.exercise, event.test)

    @property
    def why_not_run(self) -> str:
        """The reason for a test that has no verdict."""
        if self.interrupted:
            return "the grading was interrupted before this test"
        return f"the grader itself failed: {self.faults[0]}" if self.faults else "the grader did not run this test"


def _holds_less(environment: dict[str, Any], than: dict[str, Any]) -> bool:
    """Whether a session was confined with fewer guarantees than another: the result tells of the weakest."""
    return not than or len(environment.get("guarantees", ())) < len(than.get("guarantees", ()))


Sessions = Callable[[Plan, Listener], SessionOutcome]
"""Has the tests of a plan run, and tells of each verdict."""


def start_cold(errors: IO[bytes], inherited: Sequence[int] = ()) -> SessionProcess:
    """Starts a session in a fresh interpreter. Args: errors: takes what it complains of. inherited: descriptors."""
    return subprocess.Popen(
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=clean_environment(),
        pass_fds=inherited,
    )


def run_alone(plan: Plan, listener: Listener, start: Starter = start_cold) -> SessionOutcome:
    """Has the tests of a plan run in one session.

    What the process says until it ends is kept, however it ends; Ctrl-C ends it and keeps the verdicts that have
    come in.

    Args:
        plan: what to run.
        listener: told of each verdict.
        start: starts the process.
    """
    shield()
    outcome = SessionOutcome()
    session = RunningSession(plan, listener, outcome, start)
    try:
        session.thread.start()
        session.thread.join()
    except KeyboardInterrupt:
        outcome.interrupted = True
    finally:
        session.end()
    return outcome


class RunningSession:
    """One pytest process, and the thread that reads what it says."""

    _taking = threading.Lock()

    def __init__(self, plan: Plan, listener: Listener, outcome: SessionOutcome, start: Starter) -> None:
        """Starts the process; `thread` is still to be started.

        Args:
            plan: what to run.
            listener: told of each verdict, one at a time.
            outcome: takes in what the session says.
            start: starts the process.
        """
        self._plan = plan
        self._listener = listener
        self._outcome = outcome
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        try:
            self._process = start(self._errors)
        except BaseException:
            self._errors.close()
            raise
        self.begun = self.done = False
        """Whether it has said anything, and all."""
        self.heard: Callable[[Event], None] = lambda _: None
        """Told of each event."""
        self.thread = threading.Thread(target=self._converse, daemon=True)

    def end(self) -> None:
        """Ends the process, if it has not ended, and with it the jail that it started."""
        self._process.kill()
        self._process.wait()
        if self.thread.ident is not None:
            self.thread.join()
        self._errors.close()

    def _converse(self) -> None:
        """Hands the plan over and takes events until the process closes.

        Raises nothing, since nobody would hear: what is odd becomes a fault of the grader's.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        with contextlib.suppress(OSError), self._process.stdin as stdin:
            stdin.write(msgspec.json.encode(self._plan))
        odd = 0
        with self._process.stdout as stdout:
            while odd < _MOST_ODD and (line := stdout.readline(_LONGEST_LINE)):
                self.begun = True
                try:
                    event = msgspec.json.decode(line, type=Event)
                    with self._taking:
                        self._outcome.take(event, self._listener)
                    self.done = self.done or event.done or bool(event.fault)
                    self.heard(event)
                except Exception as error:  # from a plug-in that is told of verdicts, too
                    odd += 1
                    self._fault(f"a verdict was lost: {type(error).__name__}: {str(error)[:200]}")
        if not self.done and not self._outcome.interrupted:
            self._fault(f"the test session ended early: {_last_words(self._errors)}")

    def _fault(self, text: str) -> None:
        with self._taking:
            self._outcome.faults.append(text)


def _last_words(stream: IO[bytes]) -> str:
    stream.seek(0)
    lines = stream.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:300] if lines else "it said nothing"


def clean_environment() -> dict[str, str]:
    """Ours, without what would steer pytest or Python."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))}
