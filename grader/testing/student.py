"""The student's process as a test sees it: calls into it, and what comes back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader import wire
from grader.jail.cell import Cell
from grader.testing import explain, kernel
from grader.testing.calls import Call, Function, Remote
from grader.testing.conversation import Conversation
from grader.testing.history import History
from grader.testing.loop import Loop
from grader.testing.moments import check_moments
from grader.testing.outcomes import Inconclusive, RuleBroken
from grader.testing.outside import Forged, Outside
from grader.testing.pipes import Pipes
from grader.testing.probe import Arrival, Probe
from grader.testing.quiet import LoopbackFlush
from grader.testing.source import Source
from grader.testing.values import Codec, Raised, Reference
from grader.testing.waiting import HELD, waits_of
from grader.testing.watch import Limits, Watch

_HARNESS_THREADS = 2  # the main thread and the wire thread
_MOST_FLAGS = 20


class Student:
    """One student process, forked for one test, with the submission's module in it."""

    def __init__(self, cell: Cell, path: Path, inner: str, limits: Limits, flush: LoopbackFlush) -> None:
        """Forks the process; the module is not executed yet.

        Args:
            cell: the jail.
            path: the submission's file on this side.
            inner: the same file as seen in the jail.
            limits: what a test may use.
            flush: flushes the loopback device.
        """
        self.source = Source(path, inner)
        self.limits = limits
        self.codec = Codec()
        self.history = History()
        """What was seen of the run; see `grader.testing.history`."""
        self.given_up = ""
        """Why a wait was given up, as `Watch.verdict` says; empty if none was."""
        self.flags: list[str] = []
        """What the program has tried that no honest one does, for the instructor's eyes."""
        self._cell = cell
        self._process = cell.fork(inner)
        self._outside = Outside(self._process.pid, cell)
        self._tasks_then: int | None = None
        self._said = Conversation(self.codec, self.source, self.history, self._outside)
        self._ended: int | None = None
        self.afterwards = contextlib.ExitStack()
        """What is to be done once the process has ended."""
        self.loop = Loop(Watch(self._process.pid, limits, flush, lambda: cell.limits_sockets), self._give_up)
        self._pipes = Pipes(self._process, self.loop, self._take_frames, limits.output_kib << 10)

    # --- what tests use ---

    def begin(self, name: str, *args: Any, **kwargs: Any) -> Call:
        """Starts a call of the module's `name` and returns at once."""
        return self.invoke(name, args, kwargs)

    def make(self, name: str, *args: Any, **kwargs: Any) -> Remote:
        """Constructs an instance of the module's class `name`, which stays over there."""
        return self._remote(self.invoke(name, args, kwargs, keep=True).result())

    def keep(self, value: Any) -> Remote:
        """Puts a value into the student's process, to be handed over and looked at again."""
        return self._remote(self._start(f"keep({value!r})", lambda n: wire.Keep(n, self.codec.encode(value))).result())

    def error(self, name: str, *args: Any, **kwargs: Any) -> Raised:
        """Calls the module's `name` and gives the exception that it raises."""
        return self.begin(name, *args, **kwargs).error()

    def settle(self) -> None:
        """Waits until nothing more will happen in the student's process by itself."""
        self.loop.settle()

    @property
    def output(self) -> bytearray:
        """What the process has printed so far, up to a limit."""
        return self._pipes.output

    @property
    def output_cut(self) -> bool:
        """Whether it has printed more than that."""
        return self._pipes.output_cut

    @property
    def threads(self) -> int:
        """How many threads of the student's own the kernel lists now."""
        ours = _HARNESS_THREADS + self._said.callers
        return max(0, kernel.count_threads(self._process.pid) - ours)

    def wait_threads(self, count: int) -> None:
        """Returns once the kernel lists `count` threads of the student's own.

        Raises:
            RuleBroken: it never will.
        """
        self.loop.wait(
            lambda: self.threads == count,
            lambda: f"the process to have {count} threads of its own; it has {self.threads}",
        )

    @property
    def threads_started(self) -> int:
        """How many threads the student's code has started so far, those that are gone included."""
        self._said.started = None
        self.send(wire.AskStarted())
        self.loop.wait(lambda: self._said.started is not None, "the process to count its threads")
        claimed, tasks = self._said.started or 0, self._cell.tasks_started()
        if tasks is None or self._tasks_then is None:
            return claimed
        seen = tasks - self._tasks_then - self._said.second_callers
        if seen != claimed:
            self.flag(f"says that it has started {claimed} threads; the kernel has counted {seen}")
        return seen

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        return Function(name, self.begin)

    def __repr__(self) -> str:
        return "student"

    # --- calls ---

    def load(self, defines: dict[str, str], lines: bool = False) -> None:
        """Executes the submission's module.

        Args:
            defines: the names it must define, each "function" or "class".
            lines: whether it is noted which lines are executed; see `executed_lines`.

        Raises:
            RuleBroken: it cannot be executed, or lacks a name; the reason says what to do.
        """
        name = f"import {self.source.path.stem}"
        call = self._start(name, lambda n: wire.Load(n, self.source.inner, defines, lines))
        call.wait()
        if call.raised is not None:
            raise RuleBroken(*explain.import_failed(call.raised, self.source))
        self._tasks_then, self._said.second_callers = self._cell.tasks_started(), 0
        faults = _checked_faults(call.value)
        if faults:
            raise RuleBroken(*explain.names_wrong(faults, self.source))

    def invoke(self, name: str, args: Any, kwargs: Any, on: Reference | None = None, keep: bool = False) -> Call:
        """Starts a call of `name` in the module, or of a method of `on`."""
        ref = None if on is None else on.ref_number
        given = [self.codec.encode(item) for item in args]
        named = {key: self.codec.encode(item) for key, item in kwargs.items()}
        call = self._start(name, lambda n: wire.Invoke(n, name, ref, given, named, keep))
        call.shown = True
        return call

    def execute_file(self, path: str) -> None:
        """Executes one more file as a module; from now on calls go to its functions.

        Args:
            path: in the jail.

        Raises:
            RuleBroken: it raises, or never ends.
        """
        self._start("import", lambda n: wire.Load(n, path, {})).result()

    def executed_lines(self) -> list[tuple[int, int]]:
        """From which line of the submission to which other one it has gone so far; nothing if it does not answer."""
        self._said.arcs = None
        if not self._pipes.over:
            self._said.lines_asked = True
            self.send(wire.AskLines())
            with contextlib.suppress(RuleBroken, Inconclusive):
                self.loop.wait(lambda: self._said.arcs is not None, "the process to tell its lines")
        return self._said.arcs or []

    def fetch(self, reference: Reference) -> Any:
        """What a kept object holds now."""
        return self._start("fetch", lambda n: wire.Fetch(n, reference.ref_number)).result()

    def explore(self, message: Callable[[int], wire.Message]) -> Any:
        """Has the world do something, and gives what it tells.

        Raises:
            RuleBroken: it never will, or the student's code kept it from it.
            Inconclusive: a thread of the student's waits for something that the world does not know.
        """
        self._outside.note_runs()
        call = self._start("the world", message)
        self._said.explorations.add(call.number)
        try:
            call.wait()
        except RuleBroken:
            if self.given_up in ("stuck", "idle"):
                why = "your program waits for something that the controlled world does not have: no verdict"
                raise Inconclusive(why, {"kind": "not modelled"}) from None
            raise
        if call.raised is not None:
            self.flag("the controlled world failed while it ran this program")
            raise Inconclusive(f"the controlled world failed: {call.raised!r}", {"kind": "grader's fault"})
        value, call.value = call.value, None  # hundreds of them are asked for, and calls are kept
        if isinstance(value, wire.Explored):
            self._check(lambda: check_moments(value.observed))
        return value

    def _start(self, name: str, message: Callable[[int], wire.Message]) -> Call:
        call = Call(self, len(self._said.calls) + 1, name)
        self._said.calls[call.number] = call
        self.send(message(call.number))
        return call

    def _remote(self, value: Any) -> Remote:
        if not isinstance(value, Reference):
            raise RuleBroken("the student process sent no reference where one was due")
        return Remote(self, value)

    def add_probe(self, name: str, options: dict[str, Any]) -> Probe:
        """Makes a probe; see the fixture `probe`."""
        probe = Probe(self, len(self._said.probes), name, **options)
        self._said.probes.append(probe)
        return probe

    # --- the wire ---

    def send(self, message: wire.Message) -> None:
        """As `Pipes.send`."""
        self._pipes.send(message)

    def _take_frames(self, _: int = 0) -> None:
        try:
            for message in self._pipes.messages():
                self._said.check_turn(message)
                self.loop.watch.progress()  # bytes that complete no message are none
                self._said.take(message)
        except Forged as error:
            self._forged(error)
        except (wire.WireError, KeyError, TypeError, IndexError) as error:
            self.flag("forged frames")
            why = f"the student process sent what is no frame of the protocol ({str(error)[:200]})"
            raise RuleBroken(why, {"kind": "forged frame"}) from error
        if self._pipes.over:
            self._process_ended()

    # --- claims that are false ---

    def check_there(self, arrival: Arrival) -> None:
        """The thread of a call that is held is still there; RuleBroken and flagged where it is not."""
        self._check(lambda: self._outside.check_there(wire.asks(arrival.ask)))

    def check_runs(self, schedules: int) -> None:
        """As `Outside.check_runs`; RuleBroken and flagged where it is forged."""
        self._check(lambda: self._outside.check_runs(schedules))

    def check_slice(self, budget: int, before: int, tried: int, over: bool) -> None:
        """As `Outside.check_slice`; RuleBroken and flagged where it is forged."""
        self._check(lambda: self._outside.check_slice(budget, before, tried, over))

    def check_search(self, budget: int, tried: int, seen: int, complete: bool) -> None:
        """As `Outside.check_search`; RuleBroken and flagged where it is forged."""
        self._check(lambda: self._outside.check_search(budget, tried, seen, complete))

    def _check(self, claim: Callable[[], None]) -> None:
        try:
            claim()
        except Forged as error:
            self._forged(error)

    def _forged(self, error: Forged) -> None:
        self.flag(f"forged evidence: {error}")
        raise RuleBroken(f"What your process says of itself is not so: {error}.", {"kind": "forged evidence"})

    def flag(self, what: str) -> None:
        """Notes something that no honest program does."""
        if what not in self.flags and len(self.flags) < _MOST_FLAGS:
            self.flags.append(what)

    # --- when it goes wrong ---

    def _give_up(self, why: str, waiting_for: str | Callable[[], str]) -> None:
        self.given_up = why
        what = waiting_for if isinstance(waiting_for, str) else waiting_for()
        if why == "gone":
            self._process_ended()
        if why == "no verdict":
            raise Inconclusive(f"the test waited for {what}, and could not tell whether it would come")
        stacks = [] if why in ("memory", "bomb") else self._ask_stacks()
        waits = waits_of(self._process.pid, stacks, self.source, stuck=why == "stuck")
        reason, found = explain.gave_up(why, what, stacks, self.source, self.limits, waits)
        for number, words in waits.items():
            if why == "stuck" and words != HELD:  # a call of the test's is in the history already
                self.history.begin(number, "thread {}", "wait", words)
        last = list(self._said.calls.values())[-1]
        if why == "stuck" and last.done and not found["threads"]:
            raise RuleBroken(*explain.over_too_soon(what, last.name, last.raised, self.source))
        raise RuleBroken(reason, found)

    def _ask_stacks(self) -> list[wire.ThreadStack]:
        """Where every thread is; nothing if the process is stopped, or hogs its interpreter for a second."""
        self._said.stacks = None
        self.send(wire.AskStacks())
        for _ in range(50):
            with contextlib.suppress(RuleBroken):
                quiet = not self.loop.poll(0.02) and self.loop.watch.quiet()
                if self._said.stacks is not None or quiet:
                    break
        return self._said.stacks or []

    def _process_ended(self) -> None:
        if self._cell.ran_out_of_memory():
            raise RuleBroken(*explain.out_of_memory(self.limits))
        ending = kernel.is_ending(self._process.pid)
        status = self.end() if ending else explain.CONNECTION_BROKEN
        self.end()
        output = bytes(self.output).decode("utf-8", "replace")
        running = [call.name for call in self._said.calls.values() if not call.done]
        raise RuleBroken(*explain.process_died(status, running, output, self.source))

    def witnessed(self) -> dict[str, Any]:
        """What is evidence in any test that did not pass: what happened in which order, and what was printed."""
        found: dict[str, Any] = {"history": self.history.as_evidence()}
        if self.output:
            found["output"] = self.output.decode("utf-8", "replace")
        return {key: value for key, value in found.items() if value}

    def check_alive(self) -> None:
        """Takes in what has come meanwhile, so that a death at the very end does not go unseen.

        Raises:
            RuleBroken: the process has died.
        """
        if not self._pipes.over:
            self.loop.poll()
        if self._cell.ran_out_of_memory():
            raise RuleBroken(*explain.out_of_memory(self.limits))

    def end(self) -> int | None:
        """Ends the process and everything it started; its exit code, negative for a signal."""
        if self._ended is None:
            self._pipes.close()
            status = self._cell.end(self._process)
            self.afterwards.close()
            if self._cell.left_behind:
                self.flag("left processes behind, which were ended")
            for name in self._cell.refused():
                self.flag(f"tried the system call {name}, which was refused")
            self._ended = 0 if status is None else status
        return self._ended


def _checked_faults(value: Any) -> list[dict[str, str]]:
    """What the student process says is wrong with the module's names.

    Raises:
        RuleBroken: it says nothing of the kind.
    """
    for fault in value if isinstance(value, list) else [None]:
        if not (isinstance(fault, dict) and all(isinstance(fault.get(key), str) for key in ("name", "fault", "seen"))):
            raise RuleBroken("the student process sent what is no frame of the protocol", {"kind": "forged frame"})
    return list(value)
