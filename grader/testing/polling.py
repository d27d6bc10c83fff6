"""Judges a process whose threads wake by themselves: does it do anything but poll?

A thread in a timed wait may sleep, poll a flag, or be about to take the GIL (CPython waits for that with a time-out,
too). One look cannot tell. So it is watched over several looks, and counts as only polling when, over all of
them, nobody was seen running, every thread in an untimed wait stayed there without running, every other one
has woken and gone back to its wait, and the process was idle for most of the time: a thread that works, or
that waits for a CPU to work on, is busy all the time, however slow the machine.
"""

from __future__ import annotations

import time

from grader.testing.kernel import ThreadView, View

# A poll may count twice, where the thread is put off its CPU in the middle of it.
_SETTLED, _HOPELESS = 4, 50
_HOPELESS_SLEEPS = 2  # times the longest sleep: what is polled may be a clock, of which the kernel shows nothing
_BUSY_SHARE = 0.5


class Polling:
    """What has been seen of one process since it was last seen to do something."""

    def __init__(self, longest_sleep: float) -> None:
        """Args: longest_sleep: seconds; a thread that has not woken for so long is taken to sleep on."""
        self.longest_sleep = longest_sleep
        self._first: View | None = None
        self._then = 0.0
        self._polls = 0
        self._elapsed = 0.0
        self._idle = False

    def start_anew(self) -> None:
        """Forgets what has been seen."""
        self._first = None
        self._polls, self._elapsed, self._idle = 0, 0.0, False

    def take(self, view: View) -> None:
        """Takes another look into account."""
        if not view.asleep or view.untimed:
            self.start_anew()
        elif self._first is None or not self._same_waits(self._first, view):
            self.start_anew()
            self._first, self._then = view, time.monotonic()
        else:
            before = {thread.tid: thread.runs for thread in self._first.threads}
            awake = [t for t in view.threads if t.wait == "timed" and not self._sleeps_on(t)]
            self._polls = min((t.runs - before[t.tid] for t in awake), default=_SETTLED)
            self._elapsed = time.monotonic() - self._then
            self._idle = view.busy - self._first.busy < _BUSY_SHARE * self._elapsed * 1e9

    @property
    def settled(self) -> bool:
        """Every thread that wakes by itself has done so more than once, and gone back to sleep."""
        return self._idle and (self._polls >= _SETTLED or self._elapsed > self.longest_sleep)

    @property
    def hopeless(self) -> bool:
        """They have done so over and over; what they look for would have been found long ago."""
        long = self._elapsed >= _HOPELESS_SLEEPS * self.longest_sleep
        return self._idle and self._polls >= _HOPELESS and long

    def _sleeps_on(self, thread: ThreadView) -> bool:
        return thread.left is not None and thread.left > self.longest_sleep

    def _same_waits(self, first: View, view: View) -> bool:
        """Whether the same threads are there, and none that has no reason to wake has run in between."""
        if [thread.tid for thread in first.threads] != [thread.tid for thread in view.threads]:
            return False
        pairs = zip(first.threads, view.threads, strict=True)
        return all(a == b for a, b in pairs if "untimed" in (a.wait, b.wait) or self._sleeps_on(a))
