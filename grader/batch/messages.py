"""What the batch and a worker tell each other, and the frames in which it travels between our own processes."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import msgspec

from grader.intake import Found, Intake
from grader.results import ExerciseResult


class Setup(msgspec.Struct, frozen=True):
    """What a worker needs to know once."""

    course: str
    """The course's root on the worker's machine; empty if it comes as `files`."""
    files: dict[str, bytes]
    """The course's files by path, for a worker that cannot read them itself."""
    grader: str
    """The digest that the worker's grader must have."""
    tier: str
    without: list[str]
    cpu: int | None = None
    """The one to run on; None: any."""


class Part(msgspec.Struct, frozen=True):
    """One exercise of a submission, as intake found it."""

    exercise: str
    problem: str
    notes: list[str]


class Task(msgspec.Struct, frozen=True):
    """One submission to grade, or some exercises of it."""

    number: int
    name: str
    digest: str
    files: dict[str, bytes]
    """Those of the copy by path that belong to these exercises."""
    parts: list[Part]
    """The exercises to grade."""


class Outcome(msgspec.Struct, frozen=True, tag=True):
    """What came of a task."""

    number: int
    exercises: list[ExerciseResult]
    environment: dict[str, Any]
    fault: str = ""
    """Why the worker could not grade it; empty if it did."""
    is_full: bool = False
    """There was no room on the disk: nothing was graded."""


class Ready(msgspec.Struct, frozen=True, tag=True):
    """A worker's first word: it can grade, or why not."""

    problem: str = ""


class Beat(msgspec.Struct, frozen=True, tag=True):
    """A verdict has come in: the task goes on."""

    exercise: str
    test: str


FromWorker = Ready | Beat | Outcome


def task_from(number: int, intake: Intake, files: dict[str, bytes], exercises: list[str]) -> Task:
    """A task to grade `exercises` of what has been taken in."""
    parts = [Part(one.exercise, one.problem, list(one.notes)) for one in intake.found if one.exercise in exercises]
    own = {path: data for path, data in files.items() if path.partition("/")[0] in exercises}
    return Task(number, intake.name, intake.digest, own, parts)


def found_in(task: Task, submission: Path) -> tuple[Found, ...]:
    """What `task` tells of each exercise, its files lying in the folder `submission`."""
    return tuple(
        Found(
            part.exercise,
            None if part.problem else submission / part.exercise / f"{part.exercise}.py",
            part.problem,
            tuple(part.notes),
        )
        for part in task.parts
    )


def send(stream: IO[bytes], message: Any) -> None:
    """Writes a message as a frame: its length in four bytes, then MessagePack."""
    data = msgspec.msgpack.encode(message)
    stream.write(len(data).to_bytes(4, "big") + data)
    stream.flush()


def receive(stream: IO[bytes], kind: Any) -> Any:
    """Reads the next message, of type `kind`; None at the end, in the middle of a frame too."""
    head = stream.read(4)
    data = stream.read(int.from_bytes(head, "big")) if len(head) == 4 else b""
    if not data or len(data) != int.from_bytes(head, "big"):
        return None
    return msgspec.msgpack.decode(data, type=kind)
