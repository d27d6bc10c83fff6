"""The tests of an exercise that several sessions share: who gets the first one, and who the others.

The first test comes alone: what it is given up for, if it is, decides how patient all the others are, in whichever
session they are run. Then their numbers come down one pipe, which gives each byte to one reader only. After those of
the tests comes one number more, for what the exercise has besides.
"""

from __future__ import annotations

import fcntl
import os
import struct
import sys
import termios
import threading
from collections.abc import Iterator

_NUMBER = struct.Struct("=HB")
GIVEN_UP = ("", "no verdict", "endless", "idle", "runaway")
"""What a test may be given up for so that others are given up sooner; see `Watch.verdict`."""


class Share:
    """What is left of an exercise, as one of the sessions sees it that share it."""

    def __init__(self, first: int, others: int) -> None:
        """Args: first: the pipe with what stands for the first test. others: that with the numbers of the others."""
        self._first, self._others = first, others
        for descriptor in (first, others):
            os.set_inheritable(descriptor, False)

    @property
    def descriptors(self) -> tuple[int, int]:
        """To be inherited by the sessions."""
        return self._first, self._others

    @property
    def left(self) -> int:
        """How many numbers are there to be taken now."""
        return _waiting(self._first) + _waiting(self._others) // _NUMBER.size

    def take_first(self) -> bool:
        """Whether the first test falls to this session."""
        return bool(os.read(self._first, 1))

    def take(self) -> tuple[int, str] | None:
        """The next number, and what the first test was given up for; None: there is no more.

        Waits until the first test is over.
        """
        taken = os.read(self._others, _NUMBER.size)
        if not taken:
            return None
        number, kind = _NUMBER.unpack(taken)
        return number, GIVEN_UP[kind]

    def close(self) -> None:
        """Gives the descriptors back."""
        os.close(self._first)
        os.close(self._others)


class Dealer:
    """The side from which the numbers come."""

    def __init__(self, tests: int) -> None:
        """Args: tests: how many the exercise has."""
        first, give_first = os.pipe()
        os.write(give_first, b"1")
        os.close(give_first)
        others, self._giving = os.pipe()
        self.share = Share(first, others)
        self._tests = tests
        self._open = True
        self._lock = threading.Lock()

    @property
    def left(self) -> int:
        """How many numbers nobody has taken yet, those included that are not dealt yet."""
        return self.share.left + (self._tests if self._open else 0)

    @property
    def is_begun(self) -> bool:
        """Whether somebody has the first test."""
        return not _waiting(self.share.descriptors[0])

    def deal(self, given_up: str) -> None:
        """The first test is over: the others may be taken. Args: given_up: what it was given up for."""
        with self._lock:
            if not self._open:
                return
            self._open = False
            kind = GIVEN_UP.index(given_up) if given_up in GIVEN_UP else 0
            os.write(self._giving, b"".join(_NUMBER.pack(number, kind) for number in range(1, self._tests + 1)))
            os.close(self._giving)

    def rest(self) -> Iterator[int]:
        """Takes all that nobody has taken."""
        if self.share.take_first():
            yield 0
        self.deal("")
        while (taken := self.share.take()) is not None:
            yield taken[0]

    def close(self) -> None:
        """Gives everything back."""
        if self._open:
            os.close(self._giving)
        self.share.close()


def _waiting(descriptor: int) -> int:
    """Bytes in a pipe."""
    return int.from_bytes(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)), sys.byteorder)
