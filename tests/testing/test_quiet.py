"""What a proof that a process is quiet needs, and what look after look says of a process that polls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from grader.testing import kernel, polling, tcp
from grader.testing.kernel import ThreadView, View
from grader.testing.polling import Polling
from grader.testing.quiet import LoopbackFlush, proved_quiet


def thread(wait: Any = "untimed", runs: int = 1, tid: int = 1, busy: int = 0) -> ThreadView:
    return ThreadView(tid, wait, f"call of {wait}", runs, busy=busy)


def view(*threads: ThreadView) -> View:
    return View(threads, 0.0, 0)


@pytest.fixture
def flush() -> Iterator[LoopbackFlush]:
    made = LoopbackFlush()
    yield made
    made.close()


@pytest.fixture
def sees(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes the kernel show something."""

    def show(second: View | None, on_the_way: bool = False, alarm: bool = False) -> None:
        monkeypatch.setattr(kernel, "look", lambda pid: second)
        monkeypatch.setattr(tcp, "bytes_on_the_way", lambda pid: on_the_way)
        monkeypatch.setattr(kernel, "awaits_alarm", lambda pid: alarm)

    return show


def test_all_asleep_and_nobody_run_in_between_is_quiet(flush: LoopbackFlush, sees: Callable[..., None]) -> None:
    first = view(thread(), thread(tid=2))
    sees(first)
    assert proved_quiet(1, first, flush)


@pytest.mark.parametrize(
    "second",
    [
        None,
        view(thread(runs=2), thread(tid=2)),
        view(thread("running"), thread(tid=2)),
        view(thread()),
        view(thread(), thread(tid=2), thread(tid=3)),
        view(thread(), thread("timed", tid=2)),
    ],
    ids=["gone", "has run", "runs", "one less", "one more", "another wait"],
)
def test_whatever_has_changed_in_between_is_not(
    flush: LoopbackFlush, sees: Callable[..., None], second: View | None
) -> None:
    sees(second)
    assert not proved_quiet(1, view(thread(), thread(tid=2)), flush)


@pytest.mark.parametrize("wait", ["timed", "running", "unknown"])
def test_one_thread_that_may_wake_is_enough(flush: LoopbackFlush, sees: Callable[..., None], wait: str) -> None:
    first = view(thread(), thread(wait, tid=2))
    sees(first)
    assert not proved_quiet(1, first, flush)


@pytest.mark.parametrize("what", ["on_the_way", "alarm"])
def test_something_that_will_wake_it_is_enough(flush: LoopbackFlush, sees: Callable[..., None], what: str) -> None:
    sees(view(thread()), **{what: True})
    assert not proved_quiet(1, view(thread()), flush)


@pytest.mark.parametrize("where", [(tcp, "bytes_on_the_way"), (kernel, "awaits_alarm")], ids=["bytes", "an alarm"])
def test_what_comes_just_when_it_is_asked_for_has_woken_a_thread(
    flush: LoopbackFlush, sees: Callable[..., None], monkeypatch: pytest.MonkeyPatch, where: tuple[Any, str]
) -> None:
    """Bytes held back by Nagle's algorithm, say, which the acknowledgement of earlier ones sets free (tcp(7))."""
    first = view(thread())
    sees(first)

    def arrives(_: int) -> bool:
        monkeypatch.setattr(kernel, "look", lambda pid: view(thread(runs=2)))
        return False

    monkeypatch.setattr(*where, arrives)
    assert not proved_quiet(1, first, flush)


# --- polling -----------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """A clock that goes on when it is told to."""
    now = [0.0]
    monkeypatch.setattr(polling.time, "monotonic", lambda: now[0])

    def go_on(seconds: float) -> None:
        now[0] += seconds

    return go_on


def seen(clock: Callable[[float], None], *views: View, seconds: float = 0.02, longest_sleep: float = 2.5) -> Polling:
    """What looks at these views, so long apart, come to."""
    taken = Polling(longest_sleep)
    for one in views:
        taken.take(one)
        clock(seconds)
    return taken


def test_waking_and_going_back_to_sleep_is_polling(clock: Callable[[float], None]) -> None:
    looks = [view(thread(), thread("timed", runs=runs, tid=2)) for runs in range(1, 8)]
    assert seen(clock, *looks).settled and not seen(clock, *looks).hopeless


def test_polling_long_enough_is_hopeless(clock: Callable[[float], None]) -> None:
    looks = [view(thread("timed", runs=runs)) for runs in range(1, 60)]
    assert seen(clock, *looks, longest_sleep=0.5).hopeless
    # What is polled may be a clock, and 1.25 s are what an exercise without limits of its own gives.
    assert not seen(clock, *looks, seconds=0.04, longest_sleep=1.25).hopeless
    assert seen(clock, *looks, seconds=0.05, longest_sleep=1.25).hopeless


def test_a_thread_that_sleeps_is_waited_for(clock: Callable[[float], None]) -> None:
    looks = [view(thread("timed", runs=7))] * 40
    assert not seen(clock, *looks).settled
    assert seen(clock, *looks, seconds=0.1).settled


@pytest.mark.parametrize(
    "odd",
    [
        view(thread(runs=9), thread("timed", runs=7, tid=2)),
        view(thread("running"), thread("timed", runs=7, tid=2)),
        view(thread("timed", runs=7, tid=2)),
        view(thread(), thread("running", runs=7, tid=2)),
        view(thread(), thread(runs=7, tid=2)),
    ],
    ids=["an untimed one has run", "one runs", "one is gone", "the poller runs", "nobody polls any more"],
)
def test_whatever_else_happens_starts_the_count_anew(clock: Callable[[float], None], odd: View) -> None:
    looks = [view(thread(), thread("timed", runs=runs, tid=2)) for runs in range(1, 8)]
    assert not seen(clock, *looks, odd).settled


def test_a_thread_that_is_busy_most_of_the_time_does_not_poll(clock: Callable[[float], None]) -> None:
    def looks(share: float) -> list[View]:
        return [view(thread("timed", runs=runs, busy=int(runs * 0.02e9 * share))) for runs in range(1, 20)]

    assert seen(clock, *looks(0.2)).settled
    assert not seen(clock, *looks(0.8)).settled
