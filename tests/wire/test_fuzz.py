"""Any bytes on the wire: messages, `WireError`, and nothing else; in a test, `RuleBroken`."""

from __future__ import annotations

import importlib.util
import json
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import wire
from grader.testing.values import Codec, walk
from grader.wire import Assembler, FromStudent, ToStudent, WireError, decode, encode, measure

ROOT = Path(__file__).parents[2]
FUZZ = settings(
    max_examples=150,
    deadline=None,  # no test of ours depends on elapsed time
    database=None,
    derandomize=True,  # the same examples everywhere
    suppress_health_check=list(HealthCheck),
)

TAGS = st.sampled_from([
    "int", "float", "str", "bytes", "bytearray", "range", "tuple", "set", "frozenset", "dict", "raised", "record",
    "opaque", "ref", "vector", "strict", "array", "probe", "pickle",
])  # fmt: skip
KEYS = st.sampled_from(["t", "v", "type", "message", "bases", "frames", "fault", "syntax", "repr", "cut", "code"])
INTS = st.integers() | st.sampled_from([1 << 53, 1 << 64, 10**400, -(10**400)])
SCALARS = st.none() | st.booleans() | INTS | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.fixed_dictionaries(
            {"t": TAGS, "v": inner | st.lists(inner, max_size=4)}, optional={"type": inner, "cut": inner}
        )
    ),
    max_leaves=20,
)
FIELDS = st.sampled_from([
    "id", "value", "left", "error", "thread", "ask", "count", "probe", "args", "kwargs", "observed", "tried", "over",
    "complete", "story", "threads",
])  # fmt: skip
KINDS = st.sampled_from(["began", "returned", "raised", "working", "explored", "asked", "exiting", "stacks", "started"])
BODIES = st.builds(
    lambda kind, fields: json.dumps({"type": kind, **fields}).encode("utf-8", "surrogatepass"),
    KINDS,
    st.dictionaries(FIELDS, VALUES, max_size=6),
)
RETURNED = VALUES.map(
    lambda value: json.dumps({"type": "returned", "id": 1, "value": value}).encode("utf-8", "replace")
)
MUTATIONS = st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), max_size=3)


def framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


def mutated(data: bytes, changes: list[tuple[float, bytes]]) -> bytes:
    for where, piece in changes:
        at = int(where * len(data))
        data = data[:at] + piece + data[at + len(piece) // 2 :]
    return data


def messages(data: bytes, size: int) -> list[Any]:
    """What an assembler makes of it, in pieces of that size; it ends at the first error."""
    assembler, found = Assembler(FromStudent), []
    try:
        for at in range(0, len(data), size):
            found += assembler.feed(data[at : at + size])
    except WireError as error:
        assert len(str(error)) < 400
        with pytest.raises(WireError):
            list(assembler.feed(b"\0\0\0\2{}"))
        assert not assembler.partial
    return found


def look_at(message: Any) -> None:
    codec = Codec()
    for value in [getattr(message, "value", None), getattr(message, "error", None), *getattr(message, "args", [])]:
        try:
            made = codec.decode(value)
        except WireError as error:
            assert len(str(error)) < 400
            continue
        assert sum(1 for _ in walk(made))
        assert repr(made)


@FUZZ
@given(
    bodies=st.lists(BODIES | RETURNED, min_size=1, max_size=3), changes=MUTATIONS, size=st.sampled_from([1, 3, 50, 999])
)
def test_frames_of_any_content_are_messages_or_wire_errors(
    bodies: list[bytes], changes: list[tuple[float, bytes]], size: int
) -> None:
    for message in messages(mutated(b"".join(map(framed, bodies)), changes), size):
        assert isinstance(message, FromStudent)
        look_at(message)


@FUZZ
@given(data=st.binary(max_size=300), size=st.integers(1, 100))
def test_any_bytes_are_messages_or_wire_errors(data: bytes, size: int) -> None:
    for message in messages(data, size):
        look_at(message)


@FUZZ
@given(data=VALUES)
def test_any_data_is_a_value_or_a_wire_error(data: Any) -> None:
    look_at(wire.Returned(1, data))


HASHABLE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=4),
    max_leaves=5,
)
HONEST = st.recursive(
    HASHABLE,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(HASHABLE, inner, max_size=4)
        | st.sets(HASHABLE, max_size=4)
        | st.tuples(inner, inner)
    ),
    max_leaves=15,
)


def nobody_asked(*_: Any) -> Iterator[None]:
    raise AssertionError("only builtin types")


@FUZZ
@given(value=HONEST)
def test_what_is_sent_is_what_arrives(value: Any) -> None:
    data = encode(value, lambda _: None)
    frame = wire.pack(wire.Returned(1, data))
    (message,) = Assembler(FromStudent).feed(frame)
    got = decode(message.value, nobody_asked)
    assert got == value and type(got) is type(value)


@pytest.mark.parametrize("kind", [FromStudent, ToStudent])
def test_a_frame_of_tiny_frames_costs_no_more_than_they_do(kind: Any) -> None:
    """Bytes that wait are not copied for each frame: 35,000 frames in one read, and a frame that is dripped."""
    frame = framed(b'{"type":"started","count":1}' if kind is FromStudent else b'{"type":"ask_stacks"}')
    assembler = Assembler(kind)
    assert sum(1 for _ in assembler.feed(frame * 35_000)) == 35_000
    assert not assembler.partial


def test_thousands_of_frames_come_to_nothing_else_in_a_test_either() -> None:
    """A small part of the million that the benchmark sends, with its very code."""
    spec = importlib.util.spec_from_file_location("fuzz_wire", ROOT / "benchmarks" / "fuzz_wire.py")
    assert spec is not None and spec.loader is not None
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    counts: Counter[str] = Counter()
    benchmark.fuzz(3000, 7, counts)
    assert counts["messages"] > 1000 and counts["value decoded"] > 1000
    assert counts["student: taken"] > 500 and counts["student: forged frame"] > 500


# --- hostile, but well formed -----------------------------------------------------------------------

PRIME = (1 << 61) - 1  # what Python's hash of an int is taken by


@pytest.mark.parametrize("tag", ["set", "frozenset", "dict"])
@pytest.mark.parametrize("make", [int, lambda key: {"t": "tuple", "v": [key]}, lambda key: {"t": "int", "v": hex(key)}])
def test_keys_that_were_made_to_collide_are_refused(tag: str, make: Any) -> None:
    keys = [make(PRIME * number) for number in range(1, 20_000)]
    data = {"t": tag, "v": [[key, 1] for key in keys] if tag == "dict" else keys}
    with pytest.raises(WireError, match="made to collide"):
        decode(data, nobody_asked)


def test_keys_that_collide_as_they_do_in_honest_programs_are_taken() -> None:
    values = [{-1, -2}, set(range(-50_000, 50_000)), {n / 7: n for n in range(50_000)}, {PRIME * n for n in range(50)}]
    for value in values:
        assert decode(encode(value, lambda _: None), nobody_asked) == value


@pytest.mark.parametrize(
    "nest", [lambda inner: [inner], lambda inner: {"t": "tuple", "v": [inner]}, lambda inner: {"a": inner}]
)
def test_values_nested_deeper_than_any_is_sent_are_refused(nest: Any) -> None:
    data: Any = 1
    for _ in range(300):
        data = nest(data)
    with pytest.raises(WireError, match="nested too deeply"):
        Codec().decode(data)


def test_the_deepest_that_can_be_sent_is_taken() -> None:
    value: Any = 1
    for _ in range(wire.MAX_DEPTH):
        value = {1: value}
    assert Codec().decode(encode(value, lambda _: None)) == value


def test_everything_in_a_value_is_counted() -> None:
    assert measure(1) == 1
    assert measure([1, [2, 3], {"t": "tuple", "v": [4]}]) == 9


def test_values_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.testing.values._MOST_VALUES", 1000)
    codec = Codec()
    for _ in range(9):
        codec.decode([0] * 100)
    with pytest.raises(WireError, match="more values"):
        codec.decode([0] * 100)


def test_a_frame_takes_a_bounded_multiple_of_its_bytes() -> None:
    body = b'{"type":"returned","id":1,"value":[' + b"[]," * 60_000 + b"[]]}"
    data = framed(body)
    tracemalloc.start()
    try:
        (message,) = Assembler(FromStudent).feed(data)
        made = Codec().decode(message.value)
        assert len(made) == 60_001
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()
