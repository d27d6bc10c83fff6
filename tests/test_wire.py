"""Frames and values on the wire, and what hostile ones come to."""

from __future__ import annotations

import contextlib
import json
import math
from typing import Any

import pytest

from grader import wire
from grader.wire import Assembler, FromStudent, ToStudent, WireError, body_length, decode, encode, pack, unpack

OBSERVED = wire.Observed(
    "12.1", "done", "", {"0": ["value", 3]}, {"0": 0}, [(0, 1, [], 0.0, None, 1, None)], [], [("T", {})], 2, "12.1-15.0"
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


def nothing(_: Any) -> None:
    return None


def refuse(tag: str, _: dict[str, Any]) -> Any:
    raise WireError(f"unknown tag {tag!r}")


def there_and_back(value: Any) -> Any:
    """Through a frame, as a value travels."""
    data = pack(wire.Returned(1, encode(value, nothing)))
    return decode(unpack(data[4:], FromStudent).value, refuse)


# --- frames ------------------------------------------------------------------------------------


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


# --- values ------------------------------------------------------------------------------------

VALUES = [
    None, True, False, 0, 1, -1, 2**53 - 1, 2**53, -(2**53), 2**64, -(2**200), 10**4000,
    0.0, -0.0, 0.1, 1e300, 5e-324, math.inf, -math.inf,
    "", "text", "\x00\n\u2028\U0001f600", "\ud800", "a\udcffb", '"\\', "x" * 10_000,
    b"", b"\x00\xff" * 100,
    [], [1, [2, [3]]], (), (1,), ((), ((),)), [(1, 2), [3]],
    {}, {"a": 1}, {1: "one", "1": 1, (1, 2): [], None: None, b"b": 0, 1.5: 0},
    set(), {1, 2}, {(1, 2), "x"}, frozenset({1, frozenset()}), [{1}, frozenset({1})],
    range(5), range(10**30, -(10**30), -(10**9)),
    {"t": "int", "v": "0x1"}, [{"t": "ref", "v": 1}],
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_value_goes_there_and_back_with_its_types(value: Any) -> None:
    got = there_and_back(value)
    assert got == value and type(got) is type(value)
    if not isinstance(value, set | frozenset):  # whose order is nobody's
        assert repr(got) == repr(value)


def test_nan_goes_there_and_back() -> None:
    assert math.isnan(there_and_back(float("nan")))
    assert repr(there_and_back([-0.0, float("nan")])) == "[-0.0, nan]"


def test_a_bytearray_comes_as_bytes() -> None:
    assert there_and_back(bytearray(b"ab")) == b"ab"


def test_a_subclass_comes_as_what_it_holds() -> None:
    class Liar(list[Any]):
        def __iter__(self) -> Any:
            raise RuntimeError

        def __len__(self) -> int:
            return 10**9

    assert there_and_back(Liar([1, Liar([2])])) == [1, [2]]


@pytest.mark.parametrize(
    "value", [object(), 1j, iter([]), len, type, memoryview(b""), [object()], {"k": object()}], ids=repr
)
def test_what_nobody_knows_is_refused(value: Any) -> None:
    with pytest.raises(WireError, match="cannot be sent"):
        encode(value, nothing)


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def test_values_may_be_nested_so_deeply_and_no_deeper() -> None:
    assert there_and_back(nested(wire.MAX_DEPTH)) == nested(wire.MAX_DEPTH)
    for value in (nested(wire.MAX_DEPTH + 1), nested(100_000)):
        with pytest.raises(WireError, match="nested too deeply"):
            encode(value, nothing)
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(WireError, match="nested too deeply"):
        encode(loop, nothing)


@pytest.mark.parametrize(
    "value", [bytes(2 << 20), "x" * (2 << 20), [0] * (2 << 20), 10**4300, -(16**3600)], ids=lambda v: type(v).__name__
)
def test_what_is_too_long_is_refused_at_once(value: Any) -> None:
    with pytest.raises(WireError, match="too long"):
        encode(value, nothing)


def test_whatever_int_arrives_can_be_written() -> None:
    """Python refuses to write ints of more than 4300 digits: reasons hold what came from the other side."""
    longest = 16 ** (wire._MAX_INT_DIGITS - 2) - 1
    assert str(there_and_back(longest)) and str(there_and_back(-(longest // 16)))
    with pytest.raises(WireError, match="too long"):
        encode(longest + 1, nothing)


def test_a_key_that_is_no_key_here_makes_the_container_opaque() -> None:
    def opaque(tag: str, data: dict[str, Any]) -> Any:
        return tag, data["type"]

    assert decode({"t": "dict", "v": [[[], 1]]}, opaque) == ("opaque", "dict")
    assert decode({"t": "set", "v": [[]]}, opaque) == ("opaque", "set")
    assert decode({"t": "frozenset", "v": [{"t": "dict", "v": []}]}, opaque) == ("opaque", "frozenset")


NO_VALUES = [
    {}, {"v": 1}, {"t": 1, "v": 1}, {"t": None}, {"t": "unknown", "v": 1},
    {"t": "int"}, {"t": "int", "v": 5}, {"t": "int", "v": "five"}, {"t": "int", "v": []},
    {"t": "int", "v": "0x" + "f" * 10_000},
    {"t": "float"}, {"t": "float", "v": "x"}, {"t": "float", "v": []}, {"t": "float", "v": {}},
    {"t": "str", "v": "!"}, {"t": "str", "v": "/w=="}, {"t": "str", "v": 5},
    {"t": "bytes"}, {"t": "bytes", "v": "A"}, {"t": "bytes", "v": "\u00e9"}, {"t": "bytes", "v": [1]},
    {"t": "range", "v": []}, {"t": "range", "v": [0, 1, 0]}, {"t": "range", "v": ["a"]}, {"t": "range", "v": 3},
    {"t": "range", "v": [1.5, 2, 3]},
    {"t": "tuple"}, {"t": "tuple", "v": 5}, {"t": "set", "v": None},
    {"t": "dict", "v": 5}, {"t": "dict", "v": [1]}, {"t": "dict", "v": [[1]]}, {"t": "dict", "v": [[1, 2, 3]]},
    {"t": "dict", "v": {"a": 1}},
    [{"t": "tuple", "v": [{}]}], {"t": "tuple", "v": [{"t": "list", "v": []}]},
]  # fmt: skip


@pytest.mark.parametrize("data", NO_VALUES, ids=range(len(NO_VALUES)))
def test_what_is_no_value_is_refused_as_such(data: Any) -> None:
    assert json.dumps(data)
    with pytest.raises(WireError):
        decode(data, refuse)


def test_data_nested_beyond_python_is_refused_as_such() -> None:
    data: Any = []
    for _ in range(100_000):
        data = [data]
    with pytest.raises(WireError):
        decode(data, refuse)


def test_a_strange_float_is_a_float() -> None:
    assert decode({"t": "float", "v": "1e5"}, refuse) == 1e5


def test_extensions_are_asked_for_what_is_not_builtin_only() -> None:
    asked = []

    def extension(value: Any) -> dict[str, Any] | None:
        asked.append(value)
        return {"t": "x"} if isinstance(value, Exception) else None

    error = ValueError()
    assert encode([1, "a", b"", range(1), None, 1.5, error], extension)[-1] == {"t": "x"}
    assert asked[1:] == [error]  # the list itself first: a special sequence is a list, too


@pytest.mark.parametrize("tag", ["set", "frozenset", "dict"])
def test_keys_that_all_have_the_same_hash_are_refused_before_they_cost_time(tag: str) -> None:
    prime = (1 << 61) - 1  # of which every multiple has the hash 0
    keys = [{"t": "int", "v": hex(prime * number)} for number in range(1, 20_000)]
    with pytest.raises(WireError, match="made to collide"):
        decode({"t": tag, "v": [[key, 1] for key in keys] if tag == "dict" else keys}, refuse)
    assert decode({"t": "set", "v": list(range(20_000))}, refuse) == set(range(20_000))
