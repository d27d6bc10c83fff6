"""Which wait a thread is in, by its system call."""

from __future__ import annotations

import pytest

from grader.testing import waits

FUTEX = "202 0x7f 0x189 0x0 {} 0x0 0xffffffff 0x7ffe 0x7f01"


@pytest.mark.parametrize(
    ("call", "state", "wait"),
    [
        ("running", "R", "running"),
        ("", "S", "unknown"),
        ("-1 0x7ffe 0x7f01", "S", "unknown"),
        (FUTEX.format("0x0"), "S", "untimed"),
        (FUTEX.format("0x7ffe10"), "S", "timed"),
        (FUTEX.format("0x0"), "D", "unknown"),
        (FUTEX.format("0x7ffe10"), "T", "untimed"),
        ("7 0x7ffe 0x1 0xffffffff 0x0 0x0 0x0 0x7ffe 0x7f01", "S", "untimed"),
        ("7 0x7ffe 0x1 0x3e8 0x0 0x0 0x0 0x7ffe 0x7f01", "S", "timed"),
        ("0 0x3 0x7ffe 0x1 0x0 0x0 0x0 0x7ffe 0x7f01", "S", "untimed"),
        ("58 0x0 0x0 0x0 0x0 0x0 0x0 0x7ffe 0x7f01", "D", "untimed"),
        ("56 0x4111 0x0 0x0 0x0 0x0 0x0 0x7ffe 0x7f01", "D", "untimed"),
        ("56 0x11 0x0 0x0 0x0 0x0 0x0 0x7ffe 0x7f01", "D", "unknown"),
        ("230 0x1 0x1 0x7ffe 0x0 0x0 0x0 0x7ffe 0x7f01", "S", "timed"),
    ],
)
def test_a_wait_is_known_by_its_call(monkeypatch: pytest.MonkeyPatch, call: str, state: str, wait: str) -> None:
    monkeypatch.setattr(waits, "_MACHINE", "x86_64")
    assert waits.wait_of(call, state) == wait


def test_a_processor_that_is_not_listed_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waits, "_MACHINE", "riscv64")
    assert not waits.are_known()
