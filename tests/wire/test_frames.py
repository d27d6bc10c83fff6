"""Messages in frames, and what hostile bytes come to."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from grader import wire
from grader.wire import Assembler, FromStudent, ToStudent, WireError, body_length, decode, pack, unpack

OBSERVED = wire.Observed(
    "12.1",
    "done",
    "",
    {"0": ["value", 3]},
    {"0": 0},
    {"0": 1},
    [(0, 1, [], 0.0, None, 1, None)],
    [],
    [("T", {})],
    2,
    "12.1-15.0",
)
MESSAGES: list[tuple[Any, Any]] = [
    (ToStudent, wire.Load(1, "/submission/x/x.py", {"f": "function"})),
    (ToStudent, wire.Invoke(2, "f", None, [1, "é", {"t": "bytes", "v": "AA=="}], {"k": None}, keep=True)),
    (ToStudent, wire.Keep(3, [1])),
    (ToStudent, wire.Fetch(4, 1)),
    (ToStudent, wire.Answer(1, None, raises=True)),
    (ToStudent, wire.ReleaseExit(1)),
    (ToStudent, wire.AskStacks()),
    (ToStudent, wire.AskStarted()),
    (ToStudent, wire.AskLines()),
    (ToStudent, wire.OpenWorld(1, {"actors": [[]]})),
    (ToStudent, wire.RunWorld(1, 40, "12.1-30.2", recorded=True)),
    (FromStudent, wire.Began(1, 17)),
    (FromStudent, wire.Returned(1, {"t": "tuple", "v": []})),
    (FromStudent, wire.Raised(1, {"t": "raised"})),
    (FromStudent, wire.Asked(1, 0, 17, [], {})),
    (FromStudent, wire.Working()),
    (FromStudent, wire.Explored(1, [OBSERVED], 40, over=True, complete=False, story={"rows": []})),
    (FromStudent, wire.Exiting(1)),
    (FromStudent, wire.Stacks([wire.ThreadStack(1, "name", [wire.Frame("x.py", 3, "f")])])),
    (FromStudent, wire.Started(2)),
    (FromStudent, wire.Lines([(-1, 1), (1, 3)])),
]


def refuse(tag: str, _: dict[str, Any]) -> Any:
    raise WireError(f"unknown tag {tag!r}")


@pytest.mark.parametrize(("kind", "message"), MESSAGES, ids=lambda value: type(value).__name__)
def test_a_message_goes_there_and_back(kind: Any, message: Any) -> None:
    frame = pack(message)
    assert body_length(frame[:4]) == len(frame) - 4
    assert unpack(frame[4:], kind) == message


def test_every_kind_of_message_is_tried_here() -> None:
    tried = {type(message) for _, message in MESSAGES}
    assert tried == {*ToStudent.__args__, *FromStudent.__args__}


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 64, 10_000])
def test_frames_come_together_however_they_are_cut(size: int) -> None:
    sent = [message for kind, message in MESSAGES if kind is FromStudent]
    data = b"".join(map(pack, sent))
    assembler = Assembler(FromStudent)
    got = []
    for start in range(0, len(data), size):
        got += assembler.feed(data[start : start + size])
    assert got == sent and not assembler.partial


def test_a_frame_cut_at_any_byte_waits_for_the_rest() -> None:
    data = pack(wire.Returned(1, "value"))
    for cut in range(1, len(data)):
        assembler = Assembler(FromStudent)
        assert list(assembler.feed(data[:cut])) == [] and assembler.partial
        assert list(assembler.feed(data[cut:])) == [wire.Returned(1, "value")]
        assert not assembler.partial


def test_a_length_is_refused_before_anything_is_read() -> None:
    assert body_length(wire.MAX_FRAME.to_bytes(4, "big")) == wire.MAX_FRAME
    for length in (wire.MAX_FRAME + 1, 2**31, 2**32 - 1):
        with pytest.raises(WireError, match=f"{length} bytes announced"):
            body_length(length.to_bytes(4, "big"))
        with pytest.raises(WireError):
            list(Assembler(FromStudent).feed(length.to_bytes(4, "big")))


def test_a_message_that_does_not_fit_is_not_sent() -> None:
    pack(wire.Returned(1, "x" * (wire.MAX_FRAME - 100)))
    with pytest.raises(WireError, match="at most 1048576 are allowed"):
        pack(wire.Returned(1, "x" * wire.MAX_FRAME))


@pytest.mark.parametrize(
    "value", [object(), "\ud800", {1: {2: object()}}, {object(): 1}], ids=["object", "half", "deep", "key"]
)
def test_a_message_that_is_no_json_is_not_sent(value: Any) -> None:
    with pytest.raises(WireError, match="cannot be sent"):
        pack(wire.Returned(1, value))


HOSTILE = {
    "empty": b"",
    "no JSON": b"hello",
    "pickle": b"\x80\x04K\x01.",
    "NUL bytes": bytes(100),
    "not UTF-8": b'{"type":"started","count":1,"\xff":1}',
    "a number": b"1",
    "null": b"null",
    "a list": b'["started",1]',
    "no type": b'{"count":1}',
    "an unknown type": b'{"type":"exec","code":"1"}',
    "a type of the other direction": b'{"type":"invoke","id":1,"name":"f","on":null,"args":[],"kwargs":{}}',
    "a field too many": b'{"type":"started","count":1,"more":2}',
    "a field too few": b'{"type":"started"}',
    "a text for a number": b'{"type":"started","count":"1"}',
    "a fraction for a number": b'{"type":"started","count":1.5}',
    "null for a number": b'{"type":"started","count":null}',
    "NaN": b'{"type":"returned","id":1,"value":NaN}',
    "infinity": b'{"type":"returned","id":1,"value":Infinity}',
    "a float too great": b'{"type":"returned","id":1,"value":1e999}',
    "half a character": b'{"type":"returned","id":1,"value":"\\ud800"}',
    "a monstrous int": b'{"type":"started","count":' + b"9" * 5000 + b"}",
    "a monstrous int in a value": b'{"type":"returned","id":1,"value":' + b"9" * 5000 + b"}",
    "deep lists": b'{"type":"returned","id":1,"value":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"type":"returned","id":1,"value":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    "two messages": b'{"type":"started","count":1}{"type":"started","count":1}',
    "cut off": b'{"type":"started","count":1',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=[name.replace(" ", "-") for name in HOSTILE])
def test_what_is_no_message_is_refused_as_such(body: bytes) -> None:
    with pytest.raises(WireError) as refused:
        message = unpack(body, FromStudent)
        decode(message.value, refuse)  # where the frame is well formed, the value in it is not
    assert len(str(refused.value)) < 300


def test_a_type_given_twice_is_one_type_or_none() -> None:
    """JSON lets a key come twice; whichever counts, the message is one of the declared ones."""
    body = b'{"type":"started","type":"exiting","ask":1}'
    with contextlib.suppress(WireError):
        assert isinstance(unpack(body, FromStudent), wire.Message)
