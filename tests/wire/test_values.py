"""Values as data on the wire, and what hostile data come to."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from grader import wire
from grader.wire import FromStudent, WireError, decode, encode, pack, unpack
from grader.wire.values import _MAX_INT_DIGITS


def nothing(_: Any) -> None:
    return None


def refuse(tag: str, _: dict[str, Any]) -> Any:
    raise WireError(f"unknown tag {tag!r}")


def there_and_back(value: Any) -> Any:
    """Through a frame, as a value travels."""
    data = pack(wire.Returned(1, encode(value, nothing)))
    return decode(unpack(data[4:], FromStudent).value, refuse)


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
    longest = 16 ** (_MAX_INT_DIGITS - 2) - 1
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
