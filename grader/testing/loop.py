"""The test's event loop: everything a test waits for goes through `Loop.wait`.

One thread, no callbacks into tests: a test is straight-line code, and only while it waits are
frames, connections and output taken in.
"""

from __future__ import annotations

import contextlib
import selectors
from collections.abc import Callable
from typing import Any, Protocol

from grader.testing.watch import Watch

_FIRST_PAUSE, _FIRST_LOOK, _LONGEST_PAUSE = 0.001, 0.004, 0.02
"""Seconds between two looks at the student process; how often is no part of any verdict."""


WaitingFor = str | Callable[[], str]
"""Completes "the test waited for ..."; a function is asked at the moment of giving up."""


class GiveUp(Protocol):
    """What is called when waiting on is of no use; raises the test's outcome."""

    def __call__(self, why: str, waiting_for: WaitingFor) -> None:
        """Args: why: as `Watch.verdict` says. waiting_for: what the test waited for."""


class Loop:
    """Waits for what the student process does."""

    def __init__(self, watch: Watch, give_up: GiveUp) -> None:
        """Args: watch: tells when waiting is of no use. give_up: raises what follows from it."""
        self.watch = watch
        self._give_up = give_up
        self._selector = selectors.DefaultSelector()
        self._closed = False

    def register(self, file: Any, events: int, ready: Callable[[int], None]) -> None:
        """Calls `ready(events)` whenever `file` is ready, while the test waits."""
        self._selector.register(file, events, ready)

    def change(self, file: Any, events: int, ready: Callable[[int], None]) -> None:
        """Waits for other events on `file`."""
        self._selector.modify(file, events, ready)

    def unregister(self, file: Any) -> None:
        """Forgets `file`; unknown ones are ignored."""
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(file)

    def poll(self, seconds: float = 0.0) -> bool:
        """Takes in what is ready, waiting `seconds` at most; whether there was anything."""
        events = self._selector.select(seconds)
        for key, mask in events:
            key.data(mask)
        return bool(events)

    def wait(self, condition: Callable[[], bool], waiting_for: WaitingFor) -> None:
        """Returns once `condition` holds.

        Args:
            condition: looked at whenever something has happened.
            waiting_for: completes "the test waited for ...".

        Raises:
            RuleBroken: the student process is stuck, runaway, only idling, or gone.
            Inconclusive: it could not be told.
        """
        pause = 0.0
        while not condition():
            if self.poll(pause):
                pause = 0.0
                continue
            if pause >= _FIRST_LOOK:
                why = self.watch.verdict()
                if why is not None and not self.poll() and not condition():
                    self._give_up(why, waiting_for)
            pause = min(_LONGEST_PAUSE, max(_FIRST_PAUSE, 2 * pause))

    def settle(self) -> None:
        """Returns once the student process is quiet (see `grader.testing.quiet`), or only spins.

        A loop that looks over and over whether something has come is a wait, too, if a bad one: after a while of it
        nothing else is to be expected.

        Raises:
            RuleBroken: it never comes to rest, having taken too much memory or too many threads.
        """
        pause = 0.0
        while True:
            if self.poll(pause):
                pause = 0.0
                continue
            if pause:
                why = "quiet" if self.watch.quiet() or self.watch.spins() else self.watch.verdict()
                if why in ("quiet", "idle", "endless", "stuck", "runaway"):
                    if not self.poll():
                        return
                elif why is not None:
                    self._give_up(why, "it to come to rest")
            pause = min(_LONGEST_PAUSE, max(_FIRST_PAUSE, 2 * pause))

    def close(self) -> None:
        """Forgets everything."""
        self._selector.close()
