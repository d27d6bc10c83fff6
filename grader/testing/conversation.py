"""What the student's process says in a test: answers to calls, calls of probes, and what the harness was asked.

All of it are claims (see `grader.testing.outside`): each is held against what was said before, and what the kernel
can speak to against what it says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader import wire
from grader.testing.calls import Call
from grader.testing.history import History
from grader.testing.outside import Forged, Outside
from grader.testing.probe import Arrival, Probe
from grader.testing.source import Source
from grader.testing.values import Codec, Raised


class Conversation:
    """The calls that either side has made of the other, and whose turn it is.

    What takes in a message raises `Forged` for what is not so, and `WireError`, `KeyError`, `TypeError` or
    `IndexError` for what no honest process would say.
    """

    def __init__(self, codec: Codec, source: Source, history: History, outside: Outside) -> None:
        """Args: codec: for values. source: the submission's. history: of the run. outside: of the process."""
        self._codec = codec
        self._source = source
        self._history = history
        self._outside = outside
        self.calls: dict[int, Call] = {}
        """All that the test has begun, by number, in order."""
        self.probes: list[Probe] = []
        self.explorations: set[int] = set()
        """The numbers of those calls that ask for runs in the world."""
        self.second_callers = 0
        """How many threads have been started for calls of ours, beside those that were there."""
        self.started: int | None = None
        """How many threads the process says it has started, once it does."""
        self.stacks: list[wire.ThreadStack] | None = None
        """Where its threads are, once it says so."""
        self.arcs: list[tuple[int, int]] | None = None
        """From which line it has gone to which, once it says so."""
        self.lines_asked = False
        self._arrivals: dict[int, Arrival] = {}
        self._callers: set[int] = set()
        self._main_thread = 0
        self._takers: dict[type, Callable[[Any], None]] = {
            wire.Began: self._take_beginning,
            wire.Returned: self._take_value,
            wire.Raised: self._take_exception,
            wire.Explored: self._take_runs,
            wire.Asked: self._take_ask,
            wire.Exiting: self._take_exit,
            wire.Working: self._take_sign_of_life,
            wire.Started: self._take_count,
            wire.Stacks: self._take_stacks,
            wire.Lines: self._take_lines,
        }

    @property
    def callers(self) -> int:
        """How many threads, the main one apart, are there for calls of ours now."""
        under_way = {call.thread for call in self.calls.values() if not call.done}
        return len(under_way & self._callers - {self._main_thread})

    def check_turn(self, message: Any) -> None:
        """Messages that come unasked would be taken for a sign of life, for ever."""
        began = isinstance(message, wire.Began) and self.calls[message.id].thread is not None
        lines = isinstance(message, wire.Lines) and not self.lines_asked
        if began or lines or (isinstance(message, wire.Working) and not self.explorations):
            raise wire.WireError("a message out of turn")

    def take(self, message: Any) -> None:
        """Takes in what the process says."""
        self._takers[type(message)](message)

    # --- answers to calls ---

    def _take_beginning(self, message: wire.Began) -> None:
        self._outside.check_caller(message.thread, wire.begins(message.id))
        began = self.calls[message.id]
        began.thread = message.thread
        if began.shown:
            began.span = self._history.begin(message.thread, "caller {}", "call", began.name)
        self._callers.add(message.thread)
        self.second_callers += message.thread != self._main_thread
        self._main_thread = self._main_thread or message.thread  # the import runs there, before all else

    def _take_value(self, message: wire.Returned) -> None:
        call = self._answered(message)
        call.value, call.left_behind = self._codec.decode(message.value), message.left
        self._over_with(call)

    def _take_exception(self, message: wire.Raised) -> None:
        call = self._answered(message)
        raised = self._codec.decode(message.error)
        if not isinstance(raised, Raised):
            raise wire.WireError("an exception that is none")
        raised.line = self._source.last_line(raised.frames)
        call.raised, call.left_behind = raised, message.left
        self._over_with(call)

    def _take_runs(self, message: wire.Explored) -> None:
        if message.id not in self.explorations:
            raise wire.WireError("an account of runs that nobody asked for")
        call = self._answered(message)
        call.value, call.done = message, True

    def _answered(self, message: wire.Returned | wire.Raised | wire.Explored) -> Call:
        call = self.calls[message.id]
        if call.done:
            raise wire.WireError("a second answer to one call: does your program fork?")
        if message.tampered:
            raise Forged(f"your program has changed `{message.tampered[:100]}`, which is the grader's")
        return call

    def _over_with(self, call: Call) -> None:
        call.done = True
        self._history.end(call.span)

    # --- calls of probes ---

    def _take_ask(self, message: wire.Asked) -> None:
        if message.id in self._arrivals or not 0 <= message.probe < len(self.probes):
            raise wire.WireError("call of a probe that is none")
        self._outside.check_thread(message.thread, wire.asks(message.id))
        if any(one.thread == message.thread for one in self._arrivals.values() if not one.finished):
            raise Forged("a thread is said to make a call while it waits in another")
        args = [self._codec.decode(item) for item in message.args]
        kwargs = {name: self._codec.decode(item) for name, item in message.kwargs.items()}
        arrival = Arrival(self.probes[message.probe], message, args, kwargs)
        arrival.is_caller = message.thread in self._callers
        label = f"{arrival.probe.name} {arrival.index + 1}"
        arrival.span = self._history.begin(message.thread, "thread {}", "probe", label)
        self._arrivals[message.id] = arrival
        arrival.probe.arrived(arrival)

    def _take_exit(self, message: wire.Exiting) -> None:
        arrival = self._arrivals[message.ask]
        self._outside.check_there(wire.asks(message.ask))
        arrival.probe.came_to_end(arrival)

    # --- what the harness was asked, and not the program ---

    def _take_count(self, message: wire.Started) -> None:
        self.started = message.count

    def _take_stacks(self, message: wire.Stacks) -> None:
        self.stacks = message.threads

    def _take_lines(self, message: wire.Lines) -> None:
        self.arcs = message.arcs

    def _take_sign_of_life(self, _: wire.Working) -> None:
        """That it came is all it says."""
