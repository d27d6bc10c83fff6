"""Runs the tests that fall to this session, where several share them: a plug-in of pytest's."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from grader.testing.shares import Share


class Sharing:
    """Of the tests collected, runs those whose numbers this session gets."""

    def __init__(self, share: Share, names: Sequence[str]) -> None:
        """Args: share: of the exercise. names: of its tests, by number."""
        self._share = share
        self._names = names
        self.rest = False
        """Whether what comes after the tests falls to this session."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Takes one test after the other, each with all of its cases."""
        for number in self._share:
            if number == len(self._names):
                self.rest = True
                continue
            cases = [item for item in session.items if name_of(item) == self._names[number]]
            for case, following in zip(cases, [*cases[1:], None], strict=True):
                case.config.hook.pytest_runtest_protocol(item=case, nextitem=following)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
        return True


def name_of(item: pytest.Item) -> str:
    """The name of a test, without that of the case."""
    return getattr(item, "originalname", None) or item.name
