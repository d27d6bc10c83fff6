"""Trusted processes that are kept, and have the tests of one submission after the other run.

`grader.session` starts one process for each grading; a check makes hundreds, and saves the start.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import tempfile
from typing import IO

import msgspec

from grader.session import Listener, SessionOutcome, clean_environment
from grader.testing.plan import Event, Plan

_CLOSING_SECONDS = 60.0

_COMMAND = [sys.executable, "-I", "-m", "grader.testing.serve"]


class Servers:
    """So many servers of sessions; use as a context manager, from the thread that lives longest.

    A server ends with the thread that has started it.
    """

    def __init__(self, count: int, cpus: set[int] | None = None) -> None:
        """Starts them.

        Args:
            count: how many, and so how many gradings at the same time.
            cpus: on which CPUs all that they do has to run; None: on any.
        """
        self._idle: queue.SimpleQueue[_Server] = queue.SimpleQueue()
        self._all = [_Server(cpus) for _ in range(count)]
        for server in self._all:
            self._idle.put(server)

    def __enter__(self) -> Servers:
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._all:
            server.close()

    def run(self, plan: Plan, listener: Listener) -> SessionOutcome:
        """Has the tests of a plan run; to be given to `grade` as its `sessions`."""
        outcome = SessionOutcome()
        server = self._idle.get()
        try:
            server.run(plan, listener, outcome)
        finally:
            self._idle.put(server)
        return outcome


class _Server:
    """One process, asked for one session at a time; started anew if it has ended."""

    def __init__(self, cpus: set[int] | None) -> None:
        self._cpus = cpus
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        self._folder = tempfile.TemporaryDirectory(prefix="threadlab-")
        os.chmod(self._folder.name, 0o711)
        command = [*_COMMAND, self._folder.name]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, env=clean_environment()
        )
        if self._cpus is not None and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(process.pid, self._cpus)  # what it will start takes that over
        return process

    def run(self, plan: Plan, listener: Listener, outcome: SessionOutcome) -> None:
        """Has one plan's tests run; that the process has died meanwhile is a fault of the grader's, in the outcome."""
        if self._process.poll() is not None:
            self._clear()
            self._process = self._start()
        assert self._process.stdin is not None and self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(msgspec.json.encode(plan) + b"\n")
            self._process.stdin.flush()
        for line in self._process.stdout:
            event = msgspec.json.decode(line, type=Event)
            if event.over:
                return
            outcome.take(event, listener)
        outcome.faults.append(f"the server of test sessions has ended, with exit code {self._process.wait()}")

    def close(self) -> None:
        """Ends the process, and with it whatever it has started."""
        self._process.terminate()  # it clears up first
        try:
            self._process.wait(timeout=_CLOSING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._clear()
        self._errors.close()

    def _clear(self) -> None:
        """What is left when the process has ended."""
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with contextlib.suppress(OSError):  # what was not taken
                stream.close()
        self._folder.cleanup()
