"""A trusted process that serves many plans, one after the other: it forks a session for each.

Started as `python -I -m grader.testing.serve`. Standard input: one `Plan` as JSON a line. Standard output: the
`Event`s of its session, one a line, the last of them `over`. Each session is as it would be in a process started for
it; what is saved is the time to import pytest, and to start a jail for each: they are kept, by what confines them.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import msgspec

from grader.jail import JailError, TierUnavailable, open_cell
from grader.jail.cell import Cell
from grader.testing import session
from grader.testing.plan import Event, Plan

Send = Callable[[Event], None]


class _Server:
    """The jails that are kept, and the folder that all of them show."""

    def __init__(self, top: Path, send: Send) -> None:
        self._top = top
        self._send = send
        self._cells: dict[str, Cell] = {}
        self._served = 0

    def serve(self, plan: Plan) -> None:
        """Has one plan's tests run."""
        key = f"{session.limits_of(plan)} {plan.masked} {plan.tier}"
        try:
            if key not in self._cells:
                masked = tuple(map(Path, plan.masked))
                self._cells[key] = open_cell(self._top, session.limits_of(plan), masked, plan.tier)
        except (JailError, TierUnavailable) as error:
            self._send(Event(fault=f"no student process can be started: {error}"))
            return
        self._served += 1
        place = self._top / str(self._served)
        shutil.copytree(plan.submission, place)
        pid = os.fork()
        if pid == 0:
            _run(self._cells[key], _moved(plan, place, self._top), self._send)
        _, status = os.waitpid(pid, 0)
        shutil.rmtree(place)
        if status:
            code = os.waitstatus_to_exitcode(status)
            self._send(Event(fault=f"the test session ended early, with exit code {code}"))
            self._cells.pop(key).close()  # who knows what it was asked last

    def close(self) -> None:
        """Ends the jails."""
        for cell in self._cells.values():
            cell.close()


def _moved(plan: Plan, place: Path, top: Path) -> Plan:
    """The plan for a copy of the submission."""
    exercises = [
        msgspec.structs.replace(exercise, file=str(place / Path(exercise.file).relative_to(plan.submission)))
        for exercise in plan.exercises
    ]
    return msgspec.structs.replace(plan, submission=str(top), exercises=exercises)


def _run(cell: Cell, plan: Plan, send: Send) -> NoReturn:
    status = 70
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        session.become_trusted()  # a child must ask for itself to end with its parent
        tempfile.tempdir = plan.scratch
        session.run_in(cell, plan, send)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def main() -> None:
    """Serves until standard input is closed, or SIGTERM comes."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    session.become_trusted()
    send = session.open_events()
    with tempfile.TemporaryDirectory(prefix="threadlab-") as name:
        top = Path(name)
        top.chmod(0o755)
        server = _Server(top, send)
        gc.collect()
        gc.freeze()  # what is here is here to stay: no session needs to look through it
        try:
            for line in sys.stdin.buffer:
                server.serve(msgspec.json.decode(line, type=Plan))
                send(Event(over=True))
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # nothing cuts this short
            server.close()


if __name__ == "__main__":
    main()
