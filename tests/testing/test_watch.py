"""What a watched process is told to be, by what the kernel shows of it."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator

import pytest

from grader.testing import kernel
from grader.testing.quiet import LoopbackFlush
from grader.testing.watch import Limits, Watch, shorter

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


def test_what_says_something_now_and_then_and_computes_is_ended(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    told, cpu = None, 0.0
    while told is None and cpu < 100:
        watch.progress()
        seen(monkeypatch, watch, cpu, 5)
        told, cpu = seen(monkeypatch, watch, cpu + 0.4, 5), cpu + 0.4
    assert told == "endless" and cpu > 19 * watch.limits.cpu_seconds


@pytest.mark.parametrize("talks", [False, True])
def test_of_what_shows_nothing_there_is_no_verdict_whatever_it_says(
    monkeypatch: pytest.MonkeyPatch, watch: Watch, talks: bool
) -> None:
    told, looks = None, 0
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)  # no clock is read for it
    while told is None and looks < 50_000:
        if talks and looks % 1_000 == 0:
            watch.progress()
        told, looks = seen(monkeypatch, watch, 0.1, 5), looks + 1
    assert (told, looks) == ("no verdict", 24_001 if talks else 6_001)


def test_limits_that_were_used_up_are_shortened_down_to_a_floor() -> None:
    limits = Limits()
    assert shorter(limits, "stuck") is limits
    once = shorter(limits, "endless")
    assert (once.cpu_seconds, once.idle_seconds, once.looks) == (1.0, 2.5, 6_000)
    once = shorter(limits, "no verdict")  # the machine may be to blame: it computes and sleeps as long as before
    assert (once.cpu_seconds, once.idle_seconds, once.looks) == (2.0, 5.0, 3_000)
    for why in ["runaway", "no verdict"] * 10:
        limits = shorter(limits, why)
    assert (limits.cpu_seconds, limits.idle_seconds, limits.looks) == (0.5, 1.0, 750)


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


WAITING = kernel.ThreadView(tid=1, wait="untimed", call="", runs=1, busy=1)


@pytest.mark.parametrize("on_the_way", [False, True])
def test_an_alarm_that_is_far_away_is_waited_for_as_a_sleep_is(
    monkeypatch: pytest.MonkeyPatch, watch: Watch, on_the_way: bool
) -> None:
    clock = Clock(monkeypatch)
    monkeypatch.setattr(kernel, "look", lambda _: kernel.View((WAITING,), 0.0, 0))
    monkeypatch.setattr(kernel, "awaits_alarm", lambda _: True)
    monkeypatch.setattr("grader.testing.tcp.bytes_on_the_way", lambda _: on_the_way)
    assert not watch.quiet()
    clock.now += 1.2
    assert not watch.quiet()
    watch.progress()
    assert not watch.quiet()
    clock.now += 1.3
    assert watch.quiet() is not on_the_way


@pytest.mark.parametrize("says", ["quiet", "verdict"])
def test_what_comes_to_one_that_polls_just_when_it_is_asked_for_is_seen(
    monkeypatch: pytest.MonkeyPatch, watch: Watch, says: str
) -> None:
    clock, polls = Clock(monkeypatch), itertools.count()
    woken: list[int] = []

    def look(_: int) -> kernel.View:
        waits = kernel.ThreadView(tid=1, wait="untimed", call="", runs=len(woken), busy=1)
        return kernel.View((waits, kernel.ThreadView(tid=2, wait="timed", call="", runs=next(polls))), 0.0, 0)

    monkeypatch.setattr(kernel, "look", look)
    monkeypatch.setattr("grader.testing.tcp.bytes_on_the_way", woken.append)
    for _ in range(90):  # 4.5 s, which is less than a program may idle
        assert not getattr(watch, says)()
        clock.now += 0.05
    assert woken
