"""A fuzz of the wire: frames as a hostile student process might send them, and what the trusted side makes of each.

    python benchmarks/fuzz_wire.py [--frames 1000000] [--seed 1]

Each frame goes through `Assembler` in odd pieces, its values through the codec, and all of it through the very
methods of `Student` that take frames in, over real pipes, with no process behind them. Nothing may come out but
messages, `WireError` and `RuleBroken`. Prints how many of each, the rate, and the peak of resident memory; exit
status 1, and the frame, at the first other exception.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

from grader import wire
from grader.jail.cell import Cell, StudentProcess
from grader.testing.outcomes import RuleBroken
from grader.testing.quiet import LoopbackFlush
from grader.testing.student import Student
from grader.testing.values import Codec, Fault, Raised, walk
from grader.testing.watch import Limits

_PIPE = 60_000
"""Bytes that a pipe holds for sure."""

_FRAMES_EACH = 200
"""Frames after which a student process is replaced by a fresh one, if none of them has ended it."""

_KNOWN_TAGS = [
    "int", "float", "str", "bytes", "range", "tuple", "set", "frozenset", "dict", "raised", "record", "opaque", "ref",
    "vector", "strict", "array",
]  # fmt: skip
_TAGS = [*_KNOWN_TAGS, "bytearray", "probe", "fault", "later", "pickle", ""]
_CONTENTS = {"int": ["0x1f", "-0x1"], "float": ["nan", "inf", "0.5"], "str": ["AAEC", "7aCA"], "bytes": ["AAEC", ""]}
_KEYS = ["t", "v", "type", "message", "bases", "frames", "fault", "syntax", "repr", "cut", "code", "id"]
_TEXTS = ["", "x", "0x1f", "-0x1", "nan", "inf", "1e999", "AAECAw==", "\x00\x1b]52;", "\u202e", "é" * 40, "9" * 400]
_NUMBERS = [0, 1, 2, 3, -1, 7, 1 << 31, 1 << 53, (1 << 61) - 1, 1 << 64, 10**300, -(10**400), 0.5, -0.0, 1e300]


class Frames:
    """Makes frames: whole ones, mutated ones, and noise."""

    def __init__(self, seed: int) -> None:
        """Args: seed: the same frames for the same one."""
        self._random = random.Random(seed)
        self._asked = 0

    def frame(self) -> bytes:
        """One frame, or what is none."""
        body = self._body()
        length = len(body)
        if self._random.random() < 0.02:
            length = self._random.choice([0, 1, length + 1, max(0, length - 1), wire.MAX_FRAME + 1, (1 << 32) - 1])
        return length.to_bytes(4, "big") + body

    def _body(self) -> bytes:
        roll = self._random.random()
        if roll < 0.02:
            return self._random.randbytes(self._random.randrange(200))
        if roll < 0.03:
            return self._deep()
        body = json.dumps(self._message()).encode("utf-8", "surrogatepass")
        return self._mutated(body) if roll < 0.15 else body

    def _deep(self) -> bytes:
        depth = self._random.choice([10, 50, 200, 900, 1500, 20_000])
        opening, closing = self._random.choice([(b"[", b"]"), (b'{"t":"tuple","v":[', b"]}"), (b'{"a":', b"}")])
        inner = b"1" if opening.endswith(b":") else b""
        return b'{"type":"returned","id":1,"value":' + opening * depth + inner + closing * depth + b"}"

    def _message(self) -> dict[str, Any]:
        name = self._random.choice(list(_MESSAGES))
        fields = {"type": name} | {key: make(self) for key, make in _MESSAGES[name].items()}
        roll = self._random.random()
        if roll < 0.04:
            fields[self._random.choice(list(fields))] = self.value()
        elif roll < 0.06:
            fields.pop(self._random.choice(list(fields)))
        elif roll < 0.07:
            fields[self._random.choice(_KEYS)] = self.value()
        return fields

    def _mutated(self, body: bytes) -> bytes:
        data = bytearray(body)
        for _ in range(self._random.randrange(1, 4)):
            at = self._random.randrange(len(data) + 1)
            piece = self._random.choice([b"\xff", b"\\ud800", b"NaN", b"}", b"]", b'"', b",", b"9" * 30, b'"t":"set",'])
            if self._random.random() < 0.5:
                data[at : at + len(piece)] = piece
            else:
                data[at:at] = bytes(data[max(0, at - 20) : at])
        return bytes(data)

    # --- what is in them ---

    def number(self) -> int:
        """A number of a call, a probe or a thread: often one that there is."""
        return self._random.randrange(1, 8) if self._random.random() < 0.9 else int(self._random.choice(_NUMBERS))

    def ask(self) -> int:
        """The number of a call of a probe: as a rule a new one."""
        self._asked += 1
        return self._asked if self._random.random() < 0.95 else self.number()

    def thread(self) -> int:
        """The number of a thread: as a rule of one that there is, for the kernel is asked."""
        return os.getpid() if self._random.random() < 0.97 else self.number()

    def text(self) -> str:
        """A string."""
        return self._random.choice(_TEXTS)

    def many(self, make: Callable[[], Any], most: int = 5) -> list[Any]:
        """A list; once in a while one that is long, or so deep in copies of itself that the frame is."""
        made = [make() for _ in range(self._random.randrange(most))]
        return made * 200 if self._random.random() < 0.001 else made

    def value(self, depth: int = 0) -> Any:
        """Data as `decode` takes it, and as it does not."""
        roll = self._random.random()
        if depth > 5 or roll < 0.5:
            return self._random.choice([None, True, False, *_NUMBERS, *_TEXTS])
        if roll < 0.7:
            return self.many(lambda: self.value(depth + 1))
        if roll < 0.71:
            return {self._random.choice(_KEYS): self.value(depth + 1) for _ in range(self._random.randrange(4))}
        return self._tagged(depth)

    def _tagged(self, depth: int) -> dict[str, Any]:
        tag = self._random.choice(_TAGS if self._random.random() < 0.05 else _KNOWN_TAGS)
        fields: dict[str, Any] = {"t": tag, "v": self._content(tag, depth)}
        if tag in ("raised", "record", "opaque", "ref", "vector", "strict", "array"):
            fields |= self.error() | {"repr": self.text(), "cut": [0, self.number()], "code": "i"}
            fields["t"] = tag
        for _ in range(self._random.randrange(3) if self._random.random() < 0.2 else 0):
            fields[self._random.choice(_KEYS)] = self.value(depth + 1)
        return fields

    def _content(self, tag: str, depth: int) -> Any:
        if tag in ("tuple", "set", "frozenset", "vector", "strict", "array"):
            return self.many(lambda: self.value(depth + 1))
        if tag in ("dict", "record"):
            return self.many(lambda: [self.value(depth + 1), self.value(depth + 1)])
        if tag == "range":
            return [self.number(), self.number(), 1]
        if tag in _CONTENTS and self._random.random() < 0.95:
            return self._random.choice(_CONTENTS[tag])
        return self.number() if tag == "ref" else self.text()

    def error(self) -> dict[str, Any]:
        """An exception as data."""
        frames = self.many(lambda: [self.text(), self.number(), self.text()])
        syntax: Any = self._random.choice([None] * 20 + [[1, 2, "x", "y", "z.py"], [1], "abcde", {}])
        return {
            "t": "raised", "type": self.text(), "bases": self.many(self.text), "message": self.text(),
            "fault": self._random.choice([None, 0, 1, -1]), "frames": frames, "syntax": syntax,
        }  # fmt: skip

    def observed(self) -> dict[str, Any]:
        """What was seen in a run in the world."""
        return {
            "schedule": self.text(), "ending": self._random.choice(["done", "deadlock", self.text()]),
            "problem": self.text(), "results": {"0": ["value", self.value()], "1": self.many(self.value)},
            "left": {"0": self.number()},
            "entries": self.many(lambda: [0, 1, [self.value()], 0.5, None, self.number(), None]),
            "stuck": self.many(lambda: [self.text()] * 3), "errors": self.many(lambda: [self.text(), self.error()]),
            "threads": self.number(), "switches": self.text(),
        }  # fmt: skip

    def stack(self) -> dict[str, Any]:
        """Where a thread is."""
        line = {"file": self.text(), "line": self.number(), "function": self.text()}
        return {"thread": self.number(), "name": self.text(), "frames": self.many(lambda: line)}


_MESSAGES: dict[str, dict[str, Callable[[Frames], Any]]] = {
    "began": {"id": Frames.number, "thread": Frames.number},
    "returned": {"id": Frames.number, "value": Frames.value},
    "raised": {"id": Frames.number, "error": Frames.error, "left": Frames.number},
    "working": {},
    "explored": {
        "id": Frames.number, "observed": lambda made: made.many(made.observed, 3), "tried": Frames.number,
        "over": lambda _: True, "complete": lambda _: False, "story": Frames.value,
    },
    "asked": {
        "id": Frames.ask, "probe": lambda made: made.number() % 4, "thread": Frames.thread,
        "args": lambda made: made.many(made.value), "kwargs": lambda made: {made.text(): made.value()},
    },
    "exiting": {"ask": Frames.number},
    "stacks": {"threads": lambda made: made.many(made.stack)},
    "started": {"count": Frames.number},
}  # fmt: skip


class NoCell:
    """Stands in for a cell: pipes, and nobody at their other end."""

    left_behind = 0
    announces = False

    def refused(self) -> list[str]:
        """Nothing was tried."""
        return []

    def ran_out_of_memory(self) -> bool:
        """There is nobody to take any."""
        return False

    def tasks_started(self) -> None:
        """Nobody counts."""

    def fork(self, module: str) -> StudentProcess:  # noqa: ARG002 - as a cell does
        """A process that is none: this very one, whose pipes are in our hands."""
        from_student, self.feeding = os.pipe()
        self.draining, to_student = os.pipe()
        (out, self._out), (err, self._err) = os.pipe(), os.pipe()
        for fd in (from_student, to_student, out, err, self.draining):
            os.set_blocking(fd, False)
        return StudentProcess(os.getpid(), 1, to_student, from_student, out, err)

    def end(self, process: StudentProcess) -> int:
        """Closes both ends."""
        process.close()
        for fd in (self.feeding, self.draining, self._out, self._err):
            os.close(fd)
        return 0


class Taker:
    """One student after the other, as far as the frames let it live."""

    def __init__(self, flush: LoopbackFlush) -> None:
        """Args: flush: for `Student`."""
        self._flush = flush
        self._student: Student | None = None
        self._taken = 0

    def take(self, frame: bytes) -> str:
        """What the student's side of a test makes of the frame: taken, or the kind of failure that it ends with."""
        student = self._student or self._fresh()
        self._taken += 1
        try:
            for at in range(0, len(frame), _PIPE):
                os.write(self._cell.feeding, frame[at : at + _PIPE])
                student._take_frames()
        except RuleBroken as broken:
            self.close()
            return str(broken.evidence.get("kind", "wrong arguments"))
        with contextlib.suppress(BlockingIOError):
            while os.read(self._cell.draining, 1 << 16):
                pass
        if self._taken >= _FRAMES_EACH:
            self.close()
        return "taken"

    def _fresh(self) -> Student:
        self._cell, self._taken = NoCell(), 0
        made = Student(cast(Cell, self._cell), Path("x.py"), "x.py", Limits(), self._flush)
        self._student = made
        made.add_probe("held", {"held": True, "exit_held": True})
        made.add_probe("echo", {"answer": lambda call: call.args[0]})
        made.add_probe("fails", {"raises": Fault(ValueError)})
        for _ in range(3):
            made.begin("f", 1)
        for number in (4, 5):
            made._start("the world", lambda n: wire.RunWorld(n, 40))
            made._said.explorations.add(number)
        return made

    def close(self) -> None:
        """Ends the student there is."""
        if self._student is not None:
            self._student.end()
            self._student.loop.close()
            self._student = None


def decoded(message: Any, codec: Codec) -> Iterator[str]:
    """What the codec makes of each value in a message, and whether what it made can be looked through and shown."""
    values = [getattr(message, name, None) for name in ("value", "error")] + list(getattr(message, "args", []))
    for seen in getattr(message, "observed", []):
        values += [value for entry in seen.entries for value in entry[2]] + [data for _, data in seen.errors]
    for value in values:
        try:
            made = codec.decode(value)
        except wire.WireError:
            yield "value refused"
            continue
        for inner in walk(made):
            assert not isinstance(inner, Raised) or len(repr(inner)) < 10_000
        with contextlib.suppress(ValueError):  # an int of more digits than `str` writes, in a set or so
            repr(made)
        yield "value decoded"


def assembled(frame: bytes, size: int) -> list[Any]:
    """The messages in a frame that comes in pieces of that size.

    Raises:
        WireError: there is something else in it.
    """
    assembler = wire.Assembler(wire.FromStudent)
    found: list[Any] = []
    for at in range(0, len(frame), size):
        found += assembler.feed(frame[at : at + size])
    return found


def fuzz(frames: int, seed: int, counts: Counter[str]) -> None:
    """Sends so many frames through all of it, and counts what came of them."""
    made, pieces = Frames(seed), random.Random(seed)
    flush = LoopbackFlush()
    taker = Taker(flush)
    for _ in range(frames):
        frame = made.frame()
        codec = Codec()
        try:
            try:
                messages = assembled(frame, pieces.choice([1, 3, 7, 64, 4096]) if len(frame) < 2000 else 5000)
            except wire.WireError:
                counts["frame refused"] += 1
                messages = []
            counts["messages"] += len(messages)
            for message in messages:
                counts.update(decoded(message, codec))
            counts[f"student: {taker.take(frame)}"] += 1
        except BaseException:
            print(f"at this frame: {frame[:2000]!r}")
            raise
    taker.close()
    flush.close()


def main() -> None:
    """Fuzzes and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    begun = time.perf_counter()
    fuzz(given.frames, given.seed, counts)
    seconds = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"{given.frames:,} frames, seed {given.seed}: {seconds:.0f} s, {given.frames / seconds:,.0f} frames a second")
    print(f"peak of resident memory: {after} MiB, {before} MiB before the first frame")
    for what, count in sorted(counts.items()):
        print(f"  {count:>10,}  {what}")
    print("no exception but WireError and RuleBroken")


if __name__ == "__main__":
    main()
