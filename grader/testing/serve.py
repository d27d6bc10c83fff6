"""A trusted process that serves many plans, one after the other: it forks a session for each.

Started as `python -I -m grader.testing.serve`. Standard input: one `Plan` as JSON a line. Standard output: the
`Event`s of its session, one a line, the last of them `over`. Each session is as it would be in a process
started for it, without the quarter of a second that it takes to import pytest.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from typing import NoReturn

import msgspec

from grader.testing import session
from grader.testing.plan import Event, Plan


def main() -> None:
    """Serves until standard input is closed."""
    session.become_trusted()
    send = session.open_events()
    for line in sys.stdin.buffer:
        pid = os.fork()
        if pid == 0:
            _serve(msgspec.json.decode(line, type=Plan), send)
        _, status = os.waitpid(pid, 0)
        if status:
            code = os.waitstatus_to_exitcode(status)
            send(Event(fault=f"the test session ended early, with exit code {code}"))
        send(Event(over=True))


def _serve(plan: Plan, send: Callable[[Event], None]) -> NoReturn:
    status = 70
    try:
        session.become_trusted()  # a child must ask for itself to end with its parent
        tempfile.tempdir = plan.scratch
        session.run(plan, send)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
