"""What the kernel says of the student process, held against what the process says of itself.

Frames are written in the student's process, by code that a determined student can reach: they are claims. Here each
claim that the kernel can speak to is compared with what it says; a claim that it contradicts is forged.
"""

from __future__ import annotations

import contextlib
import os
import time

from grader.jail.cell import Cell
from grader.testing import kernel

_FEWEST_SCHEDULES = 20
"""A claim must cover so many to be held against the kernel's count. A run in the world hands over between real threads,
each time through the kernel: at least once a schedule, and eleven times in the least of 718 slices of honest runs."""

_LOOKS_AT_ONE, _LOOKS_AT_AN_END = 20, 50


class Forged(Exception):
    """The process says of itself what is not so; the message tells what."""


class Outside:
    """One student process as the kernel shows it."""

    def __init__(self, pid: int, cell: Cell) -> None:
        """Args: pid: as the kernel numbers it for us. cell: the jail that it is in."""
        self._pid = pid
        self._cell = cell
        self._threads: dict[int, int] = {}
        self._runs = 0

    def check_thread(self, number: int, announcement: int) -> None:
        """A call is said to be made in the thread that knows itself by that number.

        Args:
            number: of the thread.
            announcement: by which the thread must have announced it.

        Raises:
            Forged: another thread has, or none; or the process has no such thread, or no more.
        """
        if not self._cell.announces:
            return self._check_listed(number)
        self._check_announced(number, announcement)
        return self.check_there(announcement, _LOOKS_AT_ONE)

    def check_there(self, announcement: int, looks: int = 1) -> None:
        """The thread that announced a call waits for its answer, or is held at its end.

        Args:
            announcement: by which it did.
            looks: at most, for as long as it runs: it may be about to wait, and it may be about to end.

        Raises:
            Forged: it is gone, and the process is not.
        """
        announced = self._cell.announced(announcement) if self._cell.announces else None
        if announced is None or not kernel.can_look():
            return
        while (state := kernel.state_of(self._pid, announced.task)) == "R" and (looks := looks - 1) > 0:
            os.sched_yield()
        if state:
            return
        for _ in range(_LOOKS_AT_AN_END):  # its threads do not all end at one moment
            if kernel.is_ending(self._pid):
                return
            time.sleep(0.002)
        raise Forged("a call is said to wait whose thread is there no more")

    def check_caller(self, number: int, announcement: int) -> None:
        """As `check_thread`, for a thread that begins a call: it does not wait, and may be gone before we look."""
        if self._cell.announces:
            self._check_announced(number, announcement)

    def _check_announced(self, number: int, announcement: int) -> None:
        announced = self._cell.announced(announcement)
        if announced is None:
            raise Forged("a call is said to be made that no thread of your process has made")
        if announced.process != self._pid:
            raise Forged("a call is made in another process than your program's own")
        if announced.number != number:
            raise Forged("a call is said to come from another thread than the one that made it")

    def _check_listed(self, number: int) -> None:
        """As `check_thread`, by the kernel's list alone, for a thread that waits."""
        if not kernel.can_look() or number in self._threads.values():
            return
        for task in self._tasks():
            if task not in self._threads:
                self._threads[task] = own_number(self._pid, task)
        if number not in self._threads.values() and not kernel.is_ending(self._pid):
            raise Forged("a call is said to come from a thread that your process does not have")

    def note_runs(self) -> None:
        """Remembers how often the threads have run so far."""
        self._runs = self._count_runs()

    def check_runs(self, schedules: int) -> None:
        """So many schedules are said to have been run since `note_runs`.

        Raises:
            Forged: its threads have hardly run since.
        """
        if not kernel.can_look() or schedules < _FEWEST_SCHEDULES:
            return
        if self._count_runs() - self._runs < schedules:
            raise Forged("runs in the controlled world are told of that have not taken place")

    def check_slice(self, budget: int, before: int, tried: int, over: bool) -> None:
        """A search that may try `budget` schedules says that it has tried so many, after `before` of them.

        Raises:
            Forged: it goes beyond its budget, or on for ever.
        """
        if not before <= tried <= budget or (tried == before and not over):
            raise Forged("the search in the controlled world is said to go on as it cannot")

    def check_search(self, budget: int, tried: int, seen: int, complete: bool) -> None:
        """A search is said to be over, having `tried` so many of the schedules it may, with `seen` different outcomes.

        Raises:
            Forged: a search does not end like that.
        """
        if seen < 1 or not 1 <= tried <= budget or (tried < budget and not complete):
            raise Forged("the search in the controlled world is said to be over when it cannot be")

    def _tasks(self) -> list[int]:
        with contextlib.suppress(OSError):
            return [int(name) for name in os.listdir(f"/proc/{self._pid}/task")]
        return []

    def _count_runs(self) -> int:
        return sum(_runs(self._pid, task) for task in self._tasks())


def _runs(pid: int, task: int) -> int:
    """How often a thread has been put on a CPU."""
    with contextlib.suppress(OSError, IndexError, ValueError), open(f"/proc/{pid}/task/{task}/schedstat") as file:
        return int(file.read().split()[2])
    return 0


def own_number(pid: int, task: int) -> int:
    """The number of a thread in the innermost process namespace: what it knows itself by."""
    with contextlib.suppress(OSError, IndexError, ValueError), open(f"/proc/{pid}/task/{task}/status") as file:
        for line in file:
            if line.startswith("NSpid:"):
                return int(line.split()[-1])
    return 0
