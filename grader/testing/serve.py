"""A trusted process that serves many plans, one after the other.

Started as `python -I -m grader.testing.serve FOLDER`, with an empty folder of its own. Standard input: one `Plan` as
JSON a line. Standard output: the `Event`s of its session, one a line, the last of them `over`. What is saved is the
time to import pytest, and to start jails: they are kept.
"""

from __future__ import annotations

import contextlib
import gc
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import msgspec

from grader.testing import session
from grader.testing.cells import Cells
from grader.testing.plan import Event, Plan


class Server:
    """Serves plans until it is asked to end."""

    def __init__(self, cells: Cells, send: Callable[[Event], None]) -> None:
        """Args: cells: that are kept. send: takes each event."""
        self._cells = cells
        self._send = send
        self.ending = False
        """Whether it has been asked to end."""

    def serve(self, plan: Plan) -> None:
        """Has one plan's tests run."""
        before, tempfile.tempdir = tempfile.tempdir, plan.scratch
        try:
            session.run_with(self._cells, plan, self._send)
        finally:
            tempfile.tempdir = before

    def end(self, _signal: int, _frame: FrameType | None) -> None:
        """Handles a signal: no more tests, nor plans."""
        self.ending = True
        raise KeyboardInterrupt


def main() -> None:
    """Serves until standard input is closed, or a signal comes."""
    session.become_trusted()
    send = session.open_events()
    cells = Cells(Path(sys.argv[1]))
    server = Server(cells, send)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.end)
    gc.collect()
    gc.freeze()  # what is here is here to stay: no collection needs to look through it
    with contextlib.suppress(KeyboardInterrupt):
        for line in sys.stdin.buffer:
            server.serve(msgspec.json.decode(line, type=Plan))
            if server.ending:
                break
            send(Event(over=True))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # nothing cuts this short
    cells.close()


if __name__ == "__main__":
    main()
