"""Random numbers of the search are those of the library: a schedule's name means the same as ever."""

from __future__ import annotations

import random

from grader.student.world.drawn import Drawn


def test_the_same_numbers_are_drawn() -> None:
    for seed in (0, 1, 1 << 31, 12345):
        mine, real = Drawn(seed), random.Random(seed)
        for width in range(1, 70):
            assert mine.random() == real.random()
            assert mine.randrange(1, 1 + width) == real.randrange(1, 1 + width)
        assert mine.randrange(0, 1 << 31) == real.randrange(1 << 31)


def test_what_a_program_makes_of_the_library_is_nothing_to_it() -> None:
    before = Drawn(7).random()
    class_of = type("Random", (), {"random": lambda _: 0.5})
    kept, random.Random = random.Random, class_of  # type: ignore[assignment,misc]
    try:
        assert Drawn(7).random() == before
    finally:
        random.Random = kept  # type: ignore[misc]
