"""Sequences that can do no more than the contract promises, to catch code that asks for more."""

from __future__ import annotations

from typing import Any


class Strict:
    """A sequence with `len()` and slices of step 1, and nothing else: no items, no iteration."""

    type_name = "strict"

    def __init__(self, items: list[Any], start: int = 0) -> None:
        """Args: items: what it holds. start: where it begins in the sequence it was cut from."""
        self._items = items
        self._start = start

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: Any) -> Strict:
        if not isinstance(index, slice):
            raise TypeError("this sequence has len() and slicing, but no access to single items")
        start, stop, step = index.indices(len(self._items))
        if step != 1:
            raise TypeError("this sequence has no slices with a step")
        return type(self)(self._items[start:stop], self._start + start)

    def __iter__(self) -> Any:
        raise TypeError("this sequence has len() and slicing, but no iteration")

    def as_data(self) -> dict[str, Any]:
        """What the trusted side is told: the items, and where they were cut."""
        cut = [self._start, self._start + len(self._items)]
        return {"t": self.type_name, "v": self._items, "cut": cut}


class Vector(Strict):
    """As much of a one-dimensional NumPy array as trips code that takes it for a list.

    `==` and `+` work on each element, and the truth value is an error, as in NumPy
    (numpy.org/doc/stable/reference/generated/numpy.ndarray.__bool__).
    """

    type_name = "vector"

    def __bool__(self) -> bool:
        raise ValueError("The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()")

    def __iter__(self) -> Any:
        return iter(self._items)

    def __eq__(self, other: object) -> Any:
        return Vector([item == other for item in self._items])

    def __ne__(self, other: object) -> Any:
        return Vector([item != other for item in self._items])

    __hash__ = None  # type: ignore[assignment]

    def __add__(self, other: Any) -> Vector:
        return Vector([item + other for item in self._items])

    __radd__ = __add__
