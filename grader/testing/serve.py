"""A trusted process that serves many plans, one after the other.

Started as `python -I -m grader.testing.serve FOLDER`, with an empty folder of its own. Standard input: one `Plan` as
JSON a line. Standard output: the `Event`s of its session, one a line, the last of them `over`. What is saved is the
time to import pytest, and to start a jail for each submission: they are kept, by what confines them, and a process is
forked for each test as ever.
"""

from __future__ import annotations

import contextlib
import gc
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import msgspec

from grader.jail import JailError, TierUnavailable, open_cell
from grader.jail.cell import Cell
from grader.testing import session
from grader.testing.plan import Event, Plan

Send = Callable[[Event], None]


class Server:
    """The jails that are kept, and the folder that all of them show."""

    def __init__(self, folder: Path, send: Send) -> None:
        """Args: folder: an empty one, that the student's user may pass through. send: takes each event."""
        self._top = folder / "submissions"
        self._top.mkdir(mode=0o755)
        self._scratch = str(folder)
        self._send = send
        self._cells: dict[str, Cell] = {}
        self._served = 0
        self.ending = False
        """Whether it has been asked to end."""

    def serve(self, plan: Plan) -> None:
        """Has one plan's tests run."""
        self._served += 1
        place = self._top / str(self._served)
        shutil.copytree(plan.submission, place)
        tempfile.tempdir = plan.scratch
        doubtful: list[Event] = []

        def send(event: Event) -> None:
            if event.fault or (event.test is not None and event.test.verdict == "inconclusive"):
                doubtful.append(event)
            self._send(event)

        try:
            session.run_in(self._cell(plan), session.moved(plan, place, self._top), send)
            send(Event(done=True))
        except (JailError, TierUnavailable) as error:
            send(Event(fault=f"no student process can be started: {error}"))
        finally:
            if doubtful:
                self.close()  # what went wrong with one submission is not handed on to the next
            tempfile.tempdir = self._scratch
            shutil.rmtree(place)
            _forget(plan)

    def _cell(self, plan: Plan) -> Cell:
        limits = session.limits_of(plan)
        key = f"{limits} {plan.masked} {plan.tier}"
        if key not in self._cells:
            tempfile.tempdir = self._scratch  # it outlives the scratch folder of this plan
            self._cells[key] = open_cell(self._top, limits, tuple(map(Path, plan.masked)), plan.tier)
            tempfile.tempdir = plan.scratch
        return self._cells[key]

    def end(self, _signal: int, _frame: FrameType | None) -> None:
        """Handles a signal: no more tests, nor plans."""
        self.ending = True
        raise KeyboardInterrupt

    def close(self) -> None:
        """Ends the jails."""
        while self._cells:
            self._cells.popitem()[1].close()


def _forget(plan: Plan) -> None:
    """Forgets the modules of the tests: the next session imports its own, as it would in a process of its own."""
    files = {file for exercise in plan.exercises for file in exercise.test_files}
    for name, module in list(sys.modules.items()):
        if getattr(module, "__file__", None) in files:
            del sys.modules[name]


def main() -> None:
    """Serves until standard input is closed, or a signal comes."""
    session.become_trusted()
    send = session.open_events()
    server = Server(Path(sys.argv[1]), send)
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
    server.close()


if __name__ == "__main__":
    main()
