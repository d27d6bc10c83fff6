"""What a watched process is told to be, by what the kernel shows of it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from grader.testing import kernel
from grader.testing.quiet import LoopbackFlush
from grader.testing.watch import Limits, Watch

RUNNING = kernel.ThreadView(tid=1, wait="running", call="", runs=1, busy=1)


@pytest.fixture
def watch() -> Iterator[Watch]:
    flush = LoopbackFlush()
    yield Watch(os.getpid(), Limits(cpu_seconds=0.5, memory_mib=80), flush)
    flush.close()


def seen(
    monkeypatch: pytest.MonkeyPatch, watch: Watch, cpu: float, mib: int, shared_out: int | None = None
) -> str | None:
    view = kernel.View((RUNNING,), cpu, mib << 20)
    monkeypatch.setattr(kernel, "look", lambda _: view)
    monkeypatch.setattr(kernel, "memory_shared_out", lambda _: (mib if shared_out is None else shared_out) << 20)
    return watch.verdict()


def test_cpu_with_nothing_to_show_is_a_loop_without_end(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    assert seen(monkeypatch, watch, 1.0, 5) is None
    assert seen(monkeypatch, watch, 1.4, 5) is None
    assert seen(monkeypatch, watch, 1.6, 6) == "runaway"


def test_one_that_takes_memory_slowly_is_ended_for_its_memory(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    told = [seen(monkeypatch, watch, 0.4 * step, 11 * step) for step in range(1, 9)]
    assert told == [None] * 7 + ["memory"]


def test_memory_that_many_processes_share_is_counted_once(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    assert seen(monkeypatch, watch, 0.1, 500, shared_out=79) is None
    assert seen(monkeypatch, watch, 0.2, 500, shared_out=81) == "memory"


def test_memory_that_comes_and_goes_is_nothing_to_show(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    told = [seen(monkeypatch, watch, 0.4 * step, (10, 30)[step % 2]) for step in range(1, 9)]
    assert "runaway" in told


SLEEPING = kernel.ThreadView(tid=1, wait="timed", call="", runs=1, busy=1)


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        monkeypatch.setattr(kernel, "look", lambda _: kernel.View((SLEEPING,), 0.0, 0))


def test_what_says_something_now_and_then_and_sleeps_is_ended(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    clock, told = Clock(monkeypatch), None
    while told is None and clock.now < 1_000:
        watch.progress()
        for _ in range(10):
            clock.now += 0.05
            told = told or watch.verdict()
    assert told == "endless"


def test_the_time_since_it_last_said_something_is_no_sleep(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    clock = Clock(monkeypatch)
    for _ in range(5_000):  # it may have waited for us, who were busy or without a processor
        watch.progress()
        clock.now += 0.5
        assert watch.verdict() is None
