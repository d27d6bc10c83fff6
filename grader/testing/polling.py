"""Judges a process whose threads wake by themselves: does it do anything but poll?

A thread in a timed wait may sleep, poll a flag, or be about to take the GIL (CPython waits for that with a time-out,
too). One look cannot tell. So it is watched over several looks, and counts as only polling when, over all of
them, nobody was seen running, every thread in an untimed wait stayed there without running, every other one
has woken and gone back to its wait, and the process was idle for most of the time: a thread that works, or
that waits for a CPU to work on, is busy all the time, however slow the machine.
"""

from __future__ import annotations

import time

from grader.testing.kernel import View

_POLLS = 2
_BUSY_SHARE = 0.5


class Polling:
    """What has been seen of one process since it was last seen to do something."""

    def __init__(self, longest_sleep: float) -> None:
        """Args: longest_sleep: seconds; a thread that has not woken for so long is taken to sleep on."""
        self._longest_sleep = longest_sleep
        self._first: View | None = None
        self._then = 0.0

    def start_anew(self) -> None:
        """Forgets what has been seen."""
        self._first = None

    def only_polls(self, view: View) -> bool:
        """Takes another look into account; whether the process does nothing but poll.

        Args:
            view: the look, just taken, with at least one thread in a timed wait.
        """
        if not view.asleep:
            self._first = None
            return False
        if self._first is None or not _same_waits(self._first, view):
            self._first, self._then = view, time.monotonic()
            return False
        elapsed = time.monotonic() - self._then
        before = {thread.tid: thread.runs for thread in self._first.threads}
        polls = [thread.runs - before[thread.tid] for thread in view.threads if thread.wait == "timed"]
        if min(polls) < _POLLS and elapsed < self._longest_sleep:
            return False
        return view.busy - self._first.busy < _BUSY_SHARE * elapsed * 1e9


def _same_waits(first: View, view: View) -> bool:
    """Whether the same threads are there, and none in an untimed wait has run in between."""
    if [thread.tid for thread in first.threads] != [thread.tid for thread in view.threads]:
        return False
    pairs = zip(first.threads, view.threads, strict=True)
    return all(a == b for a, b in pairs if "untimed" in (a.wait, b.wait))
