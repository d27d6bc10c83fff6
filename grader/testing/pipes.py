"""The pipes of one student process: frames out as it takes them, frames in as they come, and what it prints."""

from __future__ import annotations

import contextlib
import os
import selectors
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from grader import wire
from grader.jail.cell import StudentProcess
from grader.testing.loop import Loop
from grader.testing.outcomes import RuleBroken

_MOST_FRAMES = 4_000
_MOST_BYTES = 64 << 20
_MOST_OUTPUT = 64 << 20
_MOST_UNSENT = 64 << 20
_READ = 1 << 16


class Pipes:
    """Our ends of them, none of which is ever waited for but in the test's loop."""

    def __init__(self, process: StudentProcess, loop: Loop, readable: Callable[[int], None], kept: int) -> None:
        """Has the loop watch them.

        Args:
            process: whose.
            loop: of the test.
            readable: called by the loop when frames may have come; takes them from `messages`.
            kept: bytes of what it prints, at most; the rest is dropped.
        """
        self._process = process
        self._loop = loop
        self._kept = kept
        self._assembler = wire.Assembler(wire.FromStudent)
        self._frames = self._bytes = self._output_bytes = 0
        self._unsent = bytearray()
        self._awaits_room = False
        self.output = bytearray()
        self.output_cut = False
        self.over = False
        """Whether the process has closed the pipe from which frames come, as it does when it ends."""
        loop.register(process.from_student, selectors.EVENT_READ, readable)
        for fd in (process.stdout, process.stderr):
            loop.register(fd, selectors.EVENT_READ, partial(self._take_output, fd))

    def send(self, message: wire.Message) -> None:
        """Sends a frame, now or as soon as the pipe takes it.

        Raises:
            RuleBroken: too much waits for the process to take it.
        """
        self._unsent += wire.pack(message)
        self._flush_unsent()
        if len(self._unsent) > _MOST_UNSENT:
            self._unsent.clear()
            raise RuleBroken("the student process asks, and does not take the answers", {"kind": "flood"})

    def messages(self) -> Iterator[Any]:
        """The messages that have come meanwhile; once there is an end to them, `over` is set.

        Raises:
            RuleBroken: they come without end.
            WireError: there is something else among them.
        """
        try:
            data = os.read(self._process.from_student, _READ)
        except BlockingIOError:
            return
        if not data:
            self._loop.unregister(self._process.from_student)
            self.over = True
            return
        self._bytes += len(data)
        for message in self._assembler.feed(data):
            self._frames += 1
            if self._frames > _MOST_FRAMES or self._bytes > _MOST_BYTES:
                raise RuleBroken("the student process called the test's functions without end", {"kind": "flood"})
            yield message

    def close(self) -> None:
        """Takes in what is left of what was printed, and has the loop forget them; closing them is the cell's."""
        for fd in (self._process.stdout, self._process.stderr):
            with contextlib.suppress(OSError, RuleBroken):
                self._take_output(fd)
        process = self._process
        for fd in (process.to_student, process.from_student, process.stdout, process.stderr):
            self._loop.unregister(fd)

    def _flush_unsent(self, _: int = 0) -> None:
        self._loop.watch.progress()
        fd = self._process.to_student
        try:
            while self._unsent:
                del self._unsent[: os.write(fd, self._unsent)]
        except BlockingIOError:
            pass
        except OSError:
            self._unsent.clear()  # it is gone; reading will tell
        self._await_room(bool(self._unsent))

    def _await_room(self, awaits: bool) -> None:
        """Whether to be told when the pipe takes more."""
        if awaits and not self._awaits_room:
            self._loop.register(self._process.to_student, selectors.EVENT_WRITE, self._flush_unsent)
        elif self._awaits_room and not awaits:
            self._loop.unregister(self._process.to_student)
        self._awaits_room = awaits

    def _take_output(self, fd: int, _: int = 0) -> None:
        try:
            data = os.read(fd, _READ)
        except BlockingIOError:
            return
        if not data:
            self._loop.unregister(fd)
            return
        self._output_bytes += len(data)
        room = self._kept - len(self.output)
        self.output += data[: max(0, room)]
        self.output_cut = self.output_cut or len(data) > room
        if self._output_bytes > _MOST_OUTPUT:
            why = f"your program prints without end: more than {_MOST_OUTPUT >> 20} MiB"
            raise RuleBroken(why, {"kind": "endless output"})
