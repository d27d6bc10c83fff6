"""Calls into the student's process as a test sees them, and the objects that stay over there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grader.testing import explain
from grader.testing.history import Span
from grader.testing.outcomes import RuleBroken
from grader.testing.values import Raised, Reference

if TYPE_CHECKING:
    from grader.testing.student import Student


class Call:
    """A call that the test has begun."""

    def __init__(self, student: Student, number: int, name: str) -> None:
        """Args: student: whose. number: its id on the wire. name: for messages."""
        self._student = student
        self.number = number
        self.name = name
        self.done = False
        self.thread: int | None = None
        self.value: Any = None
        self.raised: Raised | None = None
        self.shown = False
        """Whether it is a call that the test makes, and no errand of the grader's."""
        self.span: Span | None = None
        self.left_behind = 0
        """How many threads that the call had started were still there at its end, if no other call was under way."""

    def wait(self) -> None:
        """Returns once the call is over.

        Raises:
            RuleBroken: it never will be.
        """
        self._student.loop.wait(lambda: self.done, f"`{self.name}` to return")

    def result(self) -> Any:
        """Waits, and gives what the call returned.

        Raises:
            RuleBroken: it raised, or never ends.
        """
        self.wait()
        if self.raised is not None:
            raise RuleBroken(*explain.unexpected_exception(self.name, self.raised, self._student.source))
        return self.value

    def error(self) -> Raised:
        """Waits, and gives the exception that the call raised.

        Raises:
            RuleBroken: it returned, or never ends.
        """
        self.wait()
        if self.raised is None:
            raise RuleBroken(f"`{self.name}` returned where it had to raise an exception")
        return self.raised


class Function:
    """A function or method of the student's, as a test calls it and as pytest shows it."""

    def __init__(self, name: str, begin: Callable[..., Call]) -> None:
        """Args: name: of the function. begin: starts a call of it."""
        self._name = name
        self._begin = begin

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls it, waits, and gives what it returned."""
        return self._begin(self._name, *args, **kwargs).result()

    def __repr__(self) -> str:
        return self._name


class Remote(Reference):
    """An object that stays in the student's process; its methods are called over there."""

    def __init__(self, student: Student, reference: Reference) -> None:
        """Args: student: whose process. reference: what it stands for."""
        super().__init__(reference.ref_number, reference.type_name)
        self._student = student

    def begin(self, method: str, *args: Any, **kwargs: Any) -> Call:
        """Starts a call of a method and returns at once."""
        return self._student.invoke(method, args, kwargs, on=self)

    def error(self, method: str, *args: Any, **kwargs: Any) -> Raised:
        """Calls a method and gives the exception that it raises."""
        return self.begin(method, *args, **kwargs).error()

    def value(self) -> Any:
        """What the object holds now."""
        return self._student.fetch(self)

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method.startswith("_") or method == "probe_spec":
            raise AttributeError(method)
        return Function(method, self.begin)

    def __repr__(self) -> str:
        return f"<{self.type_name}>"
