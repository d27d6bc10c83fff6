"""What the trusted pytest process and the student process say to each other: closed structs, one for each message."""

from __future__ import annotations

from typing import Any

import msgspec


class Message(msgspec.Struct, forbid_unknown_fields=True):
    """What all messages share: no field that is not declared."""


# --- from the trusted side -------------------------------------------------------------------


class Load(Message, tag="load"):
    """Execute the submission's module; answered by `Returned` or `Raised`."""

    id: int
    path: str
    defines: dict[str, str]
    lines: bool = False
    """Whether the lines that are executed are noted."""


class Invoke(Message, tag="invoke"):
    """Call `name` of the module, or of the kept object `on`; `keep` the result over there."""

    id: int
    name: str
    on: int | None
    args: list[Any]
    kwargs: dict[str, Any]
    keep: bool = False


class Keep(Message, tag="keep"):
    """Build `value` over there and keep it; answered with a reference to it."""

    id: int
    value: Any


class Fetch(Message, tag="fetch"):
    """Tell what the kept object `ref` holds now."""

    id: int
    ref: int


class OpenWorld(Message, tag="open_world"):
    """Get the controlled world ready for a script; answered by `Returned`."""

    id: int
    script: Any


class RunWorld(Message, tag="run_world"):
    """Run some more schedules, or one again; answered by `Explored`."""

    id: int
    count: int
    schedule: str = ""
    recorded: bool = False


class Answer(Message, tag="answer"):
    """Let one call of a probe go on: return `value`, or raise it."""

    ask: int
    value: Any
    raises: bool = False


class ReleaseExit(Message, tag="release_exit"):
    """Let the thread that made call `ask` of a probe come to its end."""

    ask: int


class AskStacks(Message, tag="ask_stacks"):
    """Tell where every thread is; answered by `Stacks`."""


class AskStarted(Message, tag="ask_started"):
    """Tell how many threads the student's code has started; answered by `Started`."""


class AskLines(Message, tag="ask_lines"):
    """Tell which lines have been executed; answered by `Lines`."""


# --- from the student process ----------------------------------------------------------------


class Began(Message, tag="began"):
    """Call `id` runs on the thread with the kernel's number `thread`."""

    id: int
    thread: int


class Returned(Message, tag="returned"):
    """Call `id` returned `value`, and `left` threads that it had started were still there.

    `tampered`: what of ours in the student process is no longer what it was.
    """

    id: int
    value: Any
    left: int = 0
    tampered: str = ""


class Raised(Message, tag="raised"):
    """Call `id` raised `error` (an encoded exception); `left` and `tampered` as in `Returned`."""

    id: int
    error: Any
    left: int = 0
    tampered: str = ""


class Observed(Message):
    """What was seen in one run in the world; see `grader.student.world.scenario`."""

    schedule: str
    ending: str
    problem: str
    results: dict[str, list[Any]]
    left: dict[str, int]
    there: dict[str, int]
    entries: list[tuple[int, int, list[Any], float, float | None, int, int | None]]
    stuck: list[tuple[str, str, str]]
    errors: list[tuple[str, Any]]
    threads: int
    switches: str


class Working(Message, tag="working"):
    """A run in the world is under way, and gets on: it has made some thousands of steps more."""


class Explored(Message, tag="explored"):
    """The runs of `RunWorld` in which something new was seen."""

    id: int
    observed: list[Observed]
    tried: int
    over: bool
    complete: bool
    story: Any = None
    tampered: str = ""


class Asked(Message, tag="asked"):
    """A probe was called, by a thread that now waits for the `Answer`."""

    id: int
    probe: int
    thread: int
    args: list[Any]
    kwargs: dict[str, Any]


class Exiting(Message, tag="exiting"):
    """The thread that made call `ask` of a probe is held at its end."""

    ask: int


class Frame(Message):
    """One line of a stack: file, line, function."""

    file: str
    line: int
    function: str


class ThreadStack(Message):
    """Where one thread is, outermost frame first."""

    thread: int
    name: str
    frames: list[Frame]


class Stacks(Message, tag="stacks"):
    """Where every thread of the student process is."""

    threads: list[ThreadStack]


class Started(Message, tag="started"):
    """So many threads have been started by the student's code."""

    count: int


class Lines(Message, tag="lines"):
    """From which line of the submission to which other one it has gone; see `grader.student.lines`."""

    arcs: list[tuple[int, int]]


ToStudent = (
    Load | Invoke | Keep | Fetch | OpenWorld | RunWorld | Answer | ReleaseExit | AskStacks | AskStarted | AskLines
)
FromStudent = Began | Returned | Raised | Working | Explored | Asked | Exiting | Stacks | Started | Lines


def begins(call: int) -> int:
    """The number by which the thread that begins a call announces it."""
    return 2 * call


def asks(ask: int) -> int:
    """The number by which the thread that calls a probe announces it."""
    return 2 * ask + 1
