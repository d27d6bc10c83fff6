"""Which tests a session runs, and how patient it is then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.testing.bench import Bench
from grader.testing.plan import Event, PlannedExercise, PlannedTest
from grader.testing.shares import Dealer, Share
from grader.testing.taking import Turns

NAMES = ["test_a", "test_b", "test_c"]


class Session:
    """A session of pytest's, as far as it is asked."""

    Interrupted = KeyboardInterrupt

    def __init__(self, ran: list[str], collected: list[str]) -> None:
        self.testsfailed = len(NAMES) - len(set(collected))
        self.shouldstop: str | bool = False
        hook = SimpleNamespace(pytest_runtest_protocol=lambda item, nextitem: ran.append(item.name))
        config = SimpleNamespace(hook=hook)
        self.items = [SimpleNamespace(name=name, originalname=None, config=config) for name in collected]


@pytest.fixture
def dealer() -> Iterator[Dealer]:
    made = Dealer(len(NAMES))
    yield made
    made.close()


Run = Callable[..., tuple[list[str], bool, list[str], list[Event]]]


@pytest.fixture
def run(dealer: Dealer) -> Run:
    """What a session runs, whether the rest is its own, what its bench is told, and what it sends."""

    def do(share: Share | None, collected: list[str] = NAMES, network: bool = True, given_up: str = "idle") -> Any:
        ran: list[str] = []
        patience: list[str] = []
        sent: list[Event] = []
        cell = SimpleNamespace(tier=SimpleNamespace(own_network=network))
        bench = SimpleNamespace(cell=cell, given_up=given_up, first_is_over=patience.append)

        def send(event: Event) -> None:
            sent.append(event)
            dealer.deal(event.first or "")

        planned = [PlannedTest(name, "g", "public", 1.0, "") for name in NAMES]
        exercise = PlannedExercise("e", "", [], {}, {}, {}, planned)
        turns = Turns(exercise, cast(Bench, bench), share, send)
        turns.pytest_runtestloop(cast(pytest.Session, Session(ran, collected)))
        return ran, turns.rest, patience, sent

    return do


def test_one_that_shares_with_nobody_runs_all(run: Run) -> None:
    assert run(None) == (NAMES, True, ["idle"], [])


def test_the_first_is_told_to_be_over_and_decides_for_all_that_come(run: Run, dealer: Dealer) -> None:
    assert run(dealer.share) == (NAMES, True, ["idle"] * 3, [Event(exercise="e", first="idle")])


def test_one_that_comes_later_takes_what_is_left(run: Run, dealer: Dealer) -> None:
    dealer.share.take_first()
    dealer.deal("runaway")
    dealer.share.take()
    assert run(dealer.share) == (["test_c"], True, ["runaway"] * 2, [])


def test_one_that_comes_later_takes_none_where_programs_share_a_network(run: Run, dealer: Dealer) -> None:
    dealer.share.take_first()
    dealer.deal("")
    assert run(dealer.share, network=False) == ([], False, [], [])


def test_one_that_comes_first_takes_all_where_programs_share_a_network(run: Run, dealer: Dealer) -> None:
    assert run(dealer.share, network=False)[:2] == (NAMES, True)


def test_one_that_could_not_collect_all_takes_none(run: Run, dealer: Dealer) -> None:
    assert run(dealer.share, collected=NAMES[:2]) == ([], False, [], [])
    assert dealer.left == 4


def test_one_that_shares_with_nobody_runs_what_it_could_collect(run: Run) -> None:
    assert run(None, collected=NAMES[1:])[:2] == (NAMES[1:], True)


def test_all_cases_of_a_test_are_run_together(run: Run, dealer: Dealer) -> None:
    assert run(dealer.share, collected=["test_c", "test_a", "test_b", "test_c"])[0] == [*NAMES, "test_c"]
