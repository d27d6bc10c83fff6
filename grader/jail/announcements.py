"""Which thread makes a call of the test's functions, as the kernel tells it and not as the student process does.

Before a thread there says that it begins a call, or calls a probe, it makes a system call of no other use; the filter
reports it (`grader.jail.denials`), and with it the thread, which the kernel holds meanwhile.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from grader.jail.denials import Attempt, Refuse
from grader.jail.seccomp import ANNOUNCE

_MOST_KEPT = 10_000


@dataclass(frozen=True)
class Announced:
    """A thread at the moment at which it announced something.

    Args:
        process: its process, as numbered for us.
        number: its own number, as it knows it itself.
        task: its number, as numbered for us.
    """

    process: int
    number: int
    task: int


class Announcements:
    """What the threads of the student process of one test have announced, by number."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[int, Announced] = {}

    def take(self, attempt: Attempt) -> None:
        """Handles a `prctl`: an announcement is kept and granted.

        Raises:
            Refuse: it is something else.
        """
        option, number = attempt.arguments[:2]
        if option != ANNOUNCE:
            raise Refuse
        with self._lock:
            if len(self._made) < _MOST_KEPT:
                self._made[number] = _thread(attempt.thread)

    def made(self, number: int) -> Announced | None:
        """Who has announced `number`; None: nobody."""
        with self._lock:
            return self._made.get(number)

    def clear(self) -> None:
        """Forgets all, for the next test."""
        with self._lock:
            self._made.clear()


def _thread(thread: int) -> Announced:
    process = number = 0
    with open(f"/proc/{thread}/status") as file:
        for line in file:
            if line.startswith("Tgid:"):
                process = int(line.split()[1])
            elif line.startswith("NSpid:"):
                number = int(line.split()[-1])
    return Announced(process, number, thread)
