"""Random numbers for the search: the same as `random.Random` draws, by nothing that a program can put another for."""

from __future__ import annotations

import _random


class Drawn(_random.Random):
    """Draws numbers from a seed: `random()` and `randrange`."""

    def randrange(self, start: int, stop: int) -> int:
        """A number from `start` up to, but without `stop`. Args: start, stop: there is a number between them."""
        width = stop - start
        bits = width.bit_length()
        found = self.getrandbits(bits)
        while found >= width:
            found = self.getrandbits(bits)
        return start + found
