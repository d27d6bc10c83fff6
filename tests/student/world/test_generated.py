"""Code that the standard library writes is compiled once, and runs as ever."""

from __future__ import annotations

import dataclasses

from grader.student.world.generated import compiled_once


def make(default: int) -> type:
    return dataclasses.make_dataclass("Point", [("x", int, default), ("y", int, 0)], order=True)


def test_classes_made_from_the_same_text_are_of_their_own() -> None:
    with compiled_once():
        one, other = make(1), make(2)
    assert (one().x, other().x, one(3, 4).y) == (1, 2, 4)
    assert one.__init__ is not other.__init__ and one.__init__.__code__ is other.__init__.__code__
    assert one(1, 2) < one(1, 3) and repr(other()) == "Point(x=2, y=0)"


def test_afterwards_it_is_as_before() -> None:
    with compiled_once(), compiled_once():
        pass
    assert make(1).__init__.__code__ is not make(1).__init__.__code__
