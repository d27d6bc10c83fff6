"""Runs the tests that fall to this session, in their order: a plug-in of pytest's."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from grader.testing.bench import Bench
from grader.testing.plan import Event, PlannedExercise
from grader.testing.shares import Share


class Turns:
    """Of the tests of an exercise, runs all, or those whose numbers this session gets."""

    def __init__(
        self, exercise: PlannedExercise, bench: Bench, share: Share | None, send: Callable[[Event], None]
    ) -> None:
        """For one exercise.

        Args:
            exercise: as planned.
            bench: of the submission; becomes less patient where the first test was given up.
            share: gives out numbers; None: all are this session's.
            send: is told when the first test is over.
        """
        self._exercise = exercise
        self._names = [test.name for test in exercise.tests]
        self._bench = bench
        self._share = share
        self._send = send
        self.rest = False
        """Whether what the exercise has besides tests falls to this session."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Takes one test after the other, each with all of its cases."""
        cases: dict[str, list[pytest.Item]] = {name: [] for name in self._names}
        for item in session.items:
            cases[name_of(item)].append(item)
        for number in self._numbers(session):
            if number == len(self._names):
                self.rest = True
                break
            mine = cases[self._names[number]]
            for case, following in zip(mine, [*mine[1:], None], strict=False):
                case.config.hook.pytest_runtest_protocol(item=case, nextitem=following)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
        return True

    def _numbers(self, session: pytest.Session) -> Iterator[int]:
        """Those that fall to this session; after the first, the bench is as patient as it shall be."""
        if self._share is None:
            yield 0
            self._bench.first_is_over(self._bench.given_up)
            yield from range(1, len(self._names) + 1)
            return
        if session.testsfailed:
            return  # it could not import what the others, perhaps, can
        has_first = self._share.take_first()
        if has_first:
            try:
                yield 0
            finally:
                self._send(Event(exercise=self._exercise.name, first=self._bench.given_up))
        if not (has_first or self._bench.cell.tier.own_network):
            return  # two programs of one exercise would be in each other's way
        while (taken := self._share.take()) is not None:
            number, given_up = taken
            self._bench.first_is_over(given_up)
            yield number


def name_of(item: pytest.Item) -> str:
    """The name of a test, without that of the case."""
    return getattr(item, "originalname", None) or item.name
