"""What the kernel says of the CPUs that are ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import idle
from grader.idle import IdleCPUs


def test_the_idle_time_of_our_cpus_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ["cpu 0 0 0 0\ncpu0 5 0 5 100 0\ncpu1 5 0 5 70 0\ncpu2 0 0 0 0 0\nintr 9\n",
            "cpu 0 0 0 0\ncpu0 5 0 5 150 50\ncpu1 55 0 5 120 0\ncpu2 0 0 0 900 0\nintr 9\n"]  # fmt: skip
    monkeypatch.setattr(idle, "our_cpus", lambda: [0, 1])
    monkeypatch.setattr(Path, "read_text", lambda _: rows.pop(0))
    assert IdleCPUs().idle() == 1.5


def test_the_memory_that_is_free_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told = "MemTotal:  8000 kB\nMemFree:  100 kB\nMemAvailable:   3000 kB\nBuffers: 5 kB\n"
    monkeypatch.setattr(Path, "read_text", lambda _: told)
    assert idle.free_memory() == 3000 * 1024
    monkeypatch.setattr(Path, "read_text", lambda _: "MemTotal: 8000 kB\n")
    assert idle.free_memory() == 0


def test_where_the_idle_time_is_not_told_none_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: Path) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", missing)
    assert IdleCPUs().idle() == 0.0
