"""Whether a program has given a socket a time limit of the kernel's own (SO_RCVTIMEO, SO_SNDTIMEO; socket(7)).

A call on such a socket ends by itself after a while, and nothing that the kernel shows of the thread tells so.
"""

from __future__ import annotations

from grader.jail.denials import Attempt, GoOn


class SocketLimits:
    """What was seen of the student process of one test."""

    def __init__(self) -> None:
        """Starts with none."""
        self.seen = False

    def take(self, _: Attempt) -> None:
        """Handles a `setsockopt` that sets one: it is noted, and the kernel carries it out.

        Raises:
            GoOn: always.
        """
        self.seen = True
        raise GoOn

    def clear(self) -> None:
        """Forgets it, for the next test."""
        self.seen = False
