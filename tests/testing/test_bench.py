"""How patient the tests of a submission are: the first one decides, and what takes minutes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader.testing import bench
from grader.testing.bench import Bench
from grader.testing.watch import Limits


@pytest.fixture
def tested(monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A bench whose processes are given up for what `given_up` of the fixture's cell says."""
    cell: Any = SimpleNamespace(submission="/submission", given_up="")

    def process(*_: object) -> SimpleNamespace:
        return SimpleNamespace(
            given_up=cell.given_up, flags=[], load=lambda *_: None, end=lambda: None, loop=SimpleNamespace(close=list)
        )

    monkeypatch.setattr(bench, "Student", process)
    flush: Any = None
    return Bench(cell, flush, Path("/top/x.py"), Path("/top"), {}, Limits(cpu_seconds=8.0, idle_seconds=8.0))


def after(tested: Bench, *given_up: str) -> tuple[float, float, int]:
    """Its limits after tests that were given up for these."""
    for one in given_up:
        tested.cell.given_up = one  # type: ignore[attr-defined]
        with tested.student():
            pass
    return tested.limits.cpu_seconds, tested.limits.idle_seconds, tested.limits.looks


def test_no_test_but_the_first_makes_the_others_less_patient(tested: Bench) -> None:
    assert after(tested, "runaway", "idle", "stuck", "memory", "") == (8.0, 8.0, 6_000)
    assert tested.given_up == "memory"
    tested.first_is_over("runaway")
    assert after(tested) == (0.5, 1.0, 6_000)


@pytest.mark.parametrize("given_up", ["", "stuck", "memory"])
def test_a_first_test_that_was_not_waited_for_changes_nothing(tested: Bench, given_up: str) -> None:
    tested.first_is_over(given_up)
    assert after(tested) == (8.0, 8.0, 6_000)


def test_what_takes_minutes_does_so_less_and_less(tested: Bench) -> None:
    assert after(tested, "endless") == (4.0, 4.0, 6_000)
    assert after(tested, "endless", "no verdict") == (2.0, 2.0, 3_000)
