"""The frames between the trusted pytest process and the student process.

A frame is a 4-byte big-endian length and that many bytes of JSON: one closed message struct.
Values travel as tagged data (`encode`, `decode`) and never as anything that could be executed.
Nothing here trusts the other side: lengths are checked before memory is taken, unknown fields
and tags are refused, and every fault in a frame is a `WireError`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

MAX_FRAME = 1 << 20
"""The longest frame in bytes, its length not counted."""

MAX_DEPTH = 40
"""How deeply values may be nested."""

_DEEPEST_JSON = 4 * MAX_DEPTH  # lists and objects inside one another, for values nested so deeply: a dict needs most
_MOST_COLLISIONS = 100
_SMALL_INT = 1 << 53
_MAX_INT_DIGITS = 3500  # in hexadecimal; in decimal fewer than the 4300 that `str` writes


class WireError(Exception):
    """The other side sent something that is not a frame of this protocol."""


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


_encoder = msgspec.json.Encoder()
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {
    ToStudent: msgspec.json.Decoder(ToStudent),
    FromStudent: msgspec.json.Decoder(FromStudent),
}


def pack(message: Message) -> bytes:
    """The frame of `message`.

    Raises:
        WireError: the message does not fit into a frame or cannot be written as JSON.
    """
    try:
        body = _encoder.encode(message)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise WireError(f"message cannot be sent: {error}") from None
    if len(body) > MAX_FRAME:
        raise WireError(f"frame of {len(body)} bytes; at most {MAX_FRAME} are allowed")
    return len(body).to_bytes(4, "big") + body


def unpack(body: bytes, kind: Any) -> Any:
    """The message of kind `ToStudent` or `FromStudent` in the body of a frame.

    Raises:
        WireError: it is none.
    """
    try:
        return _decoders[kind].decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise WireError(f"not a message: {error}") from None


def body_length(header: bytes) -> int:
    """The length in bytes that a 4-byte header announces.

    Raises:
        WireError: it is more than `MAX_FRAME`.
    """
    length = int.from_bytes(header, "big")
    if length > MAX_FRAME:
        raise WireError(f"frame of {length} bytes announced; at most {MAX_FRAME} are allowed")
    return length


class Assembler:
    """Puts frames together from bytes as they come, for a side that must never block."""

    def __init__(self, kind: Any) -> None:
        """Args: kind: `ToStudent` or `FromStudent`, what the frames hold."""
        self._kind = kind
        self._buffer = bytearray()
        self._broken = ""

    def feed(self, data: bytes) -> Iterator[Any]:
        """Takes more bytes and yields each message that is complete.

        Raises:
            WireError: a frame too long, or not a message; from then on, whatever comes.
        """
        if self._broken:
            raise WireError(self._broken)
        self._buffer += data
        try:
            yield from self._complete()
        except WireError as error:  # where the next frame would begin, nobody knows
            self._broken = str(error)
            self._buffer.clear()
            raise

    def _complete(self) -> Iterator[Any]:
        while len(self._buffer) >= 4:
            length = body_length(bytes(self._buffer[:4]))
            if len(self._buffer) < 4 + length:
                return
            body = bytes(self._buffer[4 : 4 + length])
            del self._buffer[: 4 + length]
            yield unpack(body, self._kind)

    @property
    def partial(self) -> bool:
        """Whether the bytes so far end inside a frame."""
        return bool(self._buffer)


# --- values ----------------------------------------------------------------------------------

Extension = Callable[[Any], "dict[str, Any] | None"]
"""Encodes what `encode` does not know; None: it does not know it either."""

Builder = Callable[[str, "dict[str, Any]"], Any]
"""Builds the value of a tag that `decode` does not know, from its fields."""


def encode(value: Any, extension: Extension, depth: int = 0) -> Any:
    """`value` as plain JSON data, tagged where JSON has no such type.

    Works on what builtin containers really hold, never through methods that a subclass may
    override.

    Args:
        value: what to send.
        extension: asked about every value that is not of a builtin type itself.
        depth: how deep in a value this one lies.

    Raises:
        WireError: nested too deeply, or of a type that nobody knows.
    """
    if depth > MAX_DEPTH:
        raise WireError("nested too deeply to be sent")
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is int:
        return _encode_int(value)
    if kind is float:
        return value if value - value == 0 else {"t": "float", "v": repr(value)}
    if _length(value, kind) > MAX_FRAME:
        raise WireError("too long to be sent")
    if kind is str:
        return _encode_str(value)
    if kind is bytes or kind is bytearray:
        return {"t": kind.__name__, "v": base64.b64encode(value).decode("ascii")}
    if kind is range:
        parts = [_encode_int(n) for n in (value.start, value.stop, value.step)]
        return {"t": "range", "v": parts}
    custom = extension(value)
    if custom is not None:
        return custom
    return _encode_container(value, kind, extension, depth)


def _length(value: Any, kind: type) -> int:
    """How long a string or container really is."""
    for base in (str, bytes, bytearray, list, tuple, set, frozenset, dict):
        if issubclass(kind, base):
            return base.__len__(value)
    return 0


def _encode_container(value: Any, kind: type, extension: Extension, depth: int) -> Any:
    for base in (list, tuple, set, frozenset):
        if issubclass(kind, base):
            items = [encode(item, extension, depth + 1) for item in list(base.__iter__(value))]
            return items if base is list else {"t": base.__name__, "v": items}
    if issubclass(kind, dict):
        pairs = [
            [encode(key, extension, depth + 1), encode(item, extension, depth + 1)]
            for key, item in list(dict.items(value))  # a copy: other threads may go on writing
        ]
        return {"t": "dict", "v": pairs}
    raise WireError(f"a value of type {kind.__name__} cannot be sent")


def _encode_int(value: int) -> Any:
    if -_SMALL_INT < value < _SMALL_INT:
        return value
    digits = hex(value)
    if len(digits) > _MAX_INT_DIGITS:
        raise WireError("too long to be sent")
    return {"t": "int", "v": digits}


def _encode_str(value: str) -> Any:
    try:
        value.encode()
    except UnicodeEncodeError:
        data = value.encode("utf-8", "surrogatepass")
        return {"t": "str", "v": base64.b64encode(data).decode("ascii")}
    return value


def decode(data: Any, builder: Builder) -> Any:
    """The value that `encode` wrote as `data`.

    Args:
        data: JSON data as it came from the other side.
        builder: asked for every tag that is not a builtin type's.

    Raises:
        WireError: not data of this kind.
    """
    if data is None or isinstance(data, (bool, int, float, str)):
        return data
    try:
        if isinstance(data, list):
            return [decode(item, builder) for item in data]
        if isinstance(data, dict) and isinstance(data.get("t"), str):
            return _decode_tagged(data["t"], data, builder)
    except WireError:
        raise
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise WireError(f"not a value: {type(error).__name__}") from None
    raise WireError("not a value")


def _decode_tagged(tag: str, data: dict[str, Any], builder: Builder) -> Any:
    value = data.get("v")
    if tag == "int":
        if len(value) > _MAX_INT_DIGITS:  # type: ignore[arg-type]
            raise WireError("integer too long")
        return int(value, 16)  # type: ignore[arg-type]
    if tag == "float":
        return float(value)  # type: ignore[arg-type]
    if tag == "str":
        return base64.b64decode(value, validate=True).decode(  # type: ignore[arg-type]
            "utf-8", "surrogatepass"
        )
    if tag in ("bytes", "bytearray"):
        return base64.b64decode(value, validate=True)  # type: ignore[arg-type]
    if tag == "range":
        return range(*(decode(n, builder) for n in value))  # type: ignore[union-attr]
    if tag in ("tuple", "set", "frozenset"):
        items = [decode(item, builder) for item in value]  # type: ignore[union-attr]
        return _built({"tuple": tuple, "set": set, "frozenset": frozenset}[tag], items, builder)
    if tag == "dict":
        pairs = [(decode(key, builder), decode(item, builder)) for key, item in value]  # type: ignore[union-attr]
        return _built(dict, pairs, builder)
    return builder(tag, data)


def measure(data: Any) -> int:
    """How many values there are in decoded JSON, itself included.

    Raises:
        WireError: it is nested more deeply than `encode` nests anything.
    """
    count, level = 1, [data]
    for _ in range(_DEEPEST_JSON):
        level = [item for outer in level for item in _inside(outer)]
        if not level:
            return count
        count += len(level)
    raise WireError("nested too deeply")


def _inside(data: Any) -> Iterable[Any]:
    return data if type(data) is list else data.values() if type(data) is dict else ()


def _built(kind: Callable[[Any], Any], parts: list[Any], builder: Builder) -> Any:
    """The container; opaque if what its keys were made of is hashable over there only, as a class may see to."""
    try:
        if kind is not tuple:
            _check_hashes([key for key, _ in parts] if kind is dict else parts)
        return kind(parts)
    except TypeError:
        return builder("opaque", {"type": getattr(kind, "__name__", ""), "repr": "its keys cannot be keys here"})


def _check_hashes(keys: list[Any]) -> None:
    """Keys that are all different and hash alike take quadratic time: a minute, in one frame."""
    if len(keys) - len({hash(key) for key in keys}) > _MOST_COLLISIONS:
        raise WireError("keys that were made to collide")
