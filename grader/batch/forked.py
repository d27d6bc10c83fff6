"""Starts a test session by forking this process, which has all that a session imports: the warm start."""

from __future__ import annotations

import os
import signal
from typing import IO, NoReturn

from grader.testing import session


class ForkedSession:
    """A forked session as `grader.session` holds it: two pipes, `kill` and `wait`."""

    def __init__(self, pid: int, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        """Args: pid: of the child. stdin, stdout: our ends of its pipes."""
        self.stdin: IO[bytes] | None = stdin
        self.stdout: IO[bytes] | None = stdout
        self._pid = pid
        self._status: int | None = None

    def kill(self) -> None:
        """Ends it at once; nothing happens if it has been waited for."""
        if self._status is None:
            os.kill(self._pid, signal.SIGKILL)

    def wait(self) -> int:
        """Its exit status, when it has ended."""
        if self._status is None:
            _, status = os.waitpid(self._pid, 0)
            self._status = os.waitstatus_to_exitcode(status)
        return self._status


def start_forked(errors: IO[bytes]) -> ForkedSession:
    """Forks a session. This process must have no other thread.

    Args:
        errors: takes what it has to say of its own going wrong.
    """
    plan_read, plan_write = os.pipe()
    event_read, event_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        _become_session(plan_read, event_write, errors.fileno())
    os.close(plan_read)
    os.close(event_write)
    return ForkedSession(pid, os.fdopen(plan_write, "wb"), os.fdopen(event_read, "rb"))


def _become_session(plan: int, events: int, errors: int) -> NoReturn:
    """The child: its pipes where `session.main` looks for them, nothing else of the worker's left open."""
    status = 1
    try:
        os.dup2(errors, 2)
        os.dup2(plan, 0)
        os.dup2(events, 1)
        os.closerange(3, 4096)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        session.main()
        status = 0
    finally:
        os._exit(status)  # without the worker's own ending
