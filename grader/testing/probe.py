"""Probes: callables that a test hands to the student's code and decides about, call by call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grader import wire
from grader.testing.history import Span
from grader.testing.outcomes import RuleBroken
from grader.testing.values import Fault

if TYPE_CHECKING:
    from grader.testing.student import Student

NOTHING = object()


class Arrival:
    """One call of a probe by the student's code."""

    def __init__(self, probe: Probe, ask: wire.Asked, args: list[Any], kwargs: dict[str, Any]) -> None:
        """Args: probe: what was called. ask: the frame. args, kwargs: decoded."""
        self.probe = probe
        self.ask = ask.id
        self.index = len(probe.calls)
        self.args = tuple(args)
        self.kwargs = kwargs
        self.thread = ask.thread
        self.is_caller = False
        self.held = False
        self.finished = False
        self.exit_held = False
        self.span: Span | None = None

    def __repr__(self) -> str:
        return f"<call {self.index} of {self.probe.name}>"


class Probe:
    """A callable of the test's in the student's process.

    Every call of it is reported here, in one order for all probes, and waits over there until it is
    answered: at once, or, while the probe is held, when the test releases it.
    """

    def __init__(
        self,
        student: Student,
        number: int,
        name: str,
        returns: Any = NOTHING,
        raises: Fault | None = None,
        answer: Callable[[Arrival], Any] | None = None,
        held: bool = False,
        exit_held: bool = False,
    ) -> None:
        """See the fixture `probe`."""
        self._student = student
        self._number = number
        self.name = name
        self._returns = None if returns is NOTHING else returns
        self._raises = raises
        self._answer = answer
        self._held = held
        self._exit_held = exit_held
        self.calls: list[Arrival] = []
        self.most_at_once = 0
        self._under_way = 0

    def probe_spec(self) -> dict[str, Any]:
        """What stands for it on the wire."""
        return {"t": "probe", "id": self._number, "name": self.name, "exit_held": self._exit_held}

    @property
    def waiting(self) -> list[Arrival]:
        """The calls that are held now, in order of arrival.

        Which of several threads comes first is up to the operating system: choose one by what it was called with.
        """
        return [call for call in self.calls if call.held]

    @property
    def exiting(self) -> list[Arrival]:
        """The calls whose thread is held at its very end."""
        return [call for call in self.calls if call.exit_held]

    def wait(self, count: int) -> None:
        """Rendezvous: returns once `count` calls have arrived in all.

        Raises:
            RuleBroken: they never will.
        """
        self._student.loop.wait(
            lambda: len(self.calls) >= count,
            lambda: f"{_counted(count, 'call')} of `{self.name}`; {_came(len(self.calls))}",
        )

    def wait_waiting(self, count: int) -> None:
        """Rendezvous: returns once `count` calls are held at the same time.

        Raises:
            RuleBroken: they never will be.
        """
        self._student.loop.wait(
            lambda: len(self.waiting) >= count,
            lambda: f"{_counted(count, 'call')} of `{self.name}` under way at once; {_came(len(self.waiting))}",
        )

    def wait_exiting(self, count: int) -> None:
        """Returns once `count` threads that called the probe are held at their end.

        Raises:
            RuleBroken: they never will be.
        """
        self._student.loop.wait(
            lambda: len(self.exiting) >= count,
            lambda: (
                f"{_counted(count, 'thread')} that called `{self.name}` to come to the end; "
                f"{_came(len(self.exiting), 'did')}"
            ),
        )

    def release(self, arrival: Arrival | None = None, returns: Any = NOTHING, raises: Fault | None = None) -> None:
        """Lets one held call go on, or all that are held now.

        Args:
            arrival: which; None: all.
            returns: what it returns, instead of what the probe was made with.
            raises: what it raises instead.

        Raises:
            RuleBroken: a thread that is said to wait here is gone.
        """
        for call in self.waiting if arrival is None else [arrival]:
            if not call.held:
                raise ValueError(f"{call!r} is not held")
            self._student.check_there(call)
            call.held = False
            if raises is not None:
                self._send(call, raises)
            elif returns is not NOTHING:
                self._send(call, returns)
            else:
                self._send(call, self._decide(call))

    def open(self) -> None:
        """Holds nobody from now on, and releases everybody."""
        self._held = False
        self.release()

    def release_exit(self, arrival: Arrival) -> None:
        """Lets the thread that made one call go, which is held at its end."""
        if not arrival.exit_held:
            raise ValueError(f"the thread of {arrival!r} is not held at its end")
        self._student.check_there(arrival)
        arrival.exit_held = False
        self._student.send(wire.ReleaseExit(arrival.ask))

    def release_exits(self) -> None:
        """Lets all threads that are held at their end go, and holds no further ones."""
        self._exit_held = False
        for call in self.exiting:
            self.release_exit(call)

    def __repr__(self) -> str:
        return self.name

    # --- called by the student's side of the test ---

    def arrived(self, call: Arrival) -> None:
        """Takes in a call that has just been made."""
        self.calls.append(call)
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        if self._held:
            call.held = True
            if call.span is not None:
                call.span.held = True
        else:
            self._send(call, self._decide(call))

    def came_to_end(self, call: Arrival) -> None:
        """The thread that made `call` is at its end."""
        if self._exit_held:
            call.exit_held = True
        else:
            self._student.send(wire.ReleaseExit(call.ask))

    def _decide(self, call: Arrival) -> Any:
        if self._raises is not None:
            return self._raises
        if self._answer is None:
            return self._returns
        try:
            return self._answer(call)
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            raise RuleBroken(
                f"`{self.name}` was called with arguments it cannot take: {type(error).__name__}"
            ) from error

    def _send(self, call: Arrival, value: Any) -> None:
        call.finished = True
        self._under_way -= 1
        self._student.history.end(call.span)
        data = self._student.codec.encode(value)
        self._student.send(wire.Answer(call.ask, data, raises=isinstance(value, Fault)))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _came(count: int, verb: str = "came") -> str:
    return f"{'none' if count == 0 else f'only {count}'} {verb}"
