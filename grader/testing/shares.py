"""The tests of an exercise that several sessions share: each takes the number of its next one from one pipe.

A number is two bytes, and a pipe gives each byte to one reader only: no test is run twice, and none is left out while
a session goes on. After the tests comes one number more, for what the exercise has besides.
"""

from __future__ import annotations

import fcntl
import os
import sys
import termios
from collections.abc import Iterator

_BYTES = 2


class Share:
    """What is left of an exercise for the sessions that share it."""

    def __init__(self, descriptor: int) -> None:
        """Args: descriptor: of the pipe, for reading; as long as it is open."""
        self._descriptor = descriptor
        os.set_inheritable(descriptor, False)

    @classmethod
    def of(cls, count: int) -> Share:
        """One that has the numbers below `count`."""
        reading, writing = os.pipe()
        with open(writing, "wb") as stream:
            stream.write(b"".join(number.to_bytes(_BYTES, "big") for number in range(count)))
        return cls(reading)

    @property
    def descriptor(self) -> int:
        """To be inherited by the sessions."""
        return self._descriptor

    @property
    def left(self) -> int:
        """How many numbers nobody has taken yet."""
        waiting = fcntl.ioctl(self._descriptor, termios.FIONREAD, bytes(4))
        return int.from_bytes(waiting, sys.byteorder) // _BYTES

    def __iter__(self) -> Iterator[int]:
        """Takes one number after the other, until there is none."""
        while number := os.read(self._descriptor, _BYTES):
            yield int.from_bytes(number, "big")

    def close(self) -> None:
        """Gives the descriptor back."""
        os.close(self._descriptor)
