"""What a test author writes against: fixtures, gates and evidence.

The fixtures (`student`, `probe`, `gate`, `connect`, `site`, `schedule`, …) come with the pytest
plug-in `grader.testing.plugin`; this module holds the few names that a test imports.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from grader.testing.outcomes import Inconclusive, RuleBroken
from grader.testing.values import Fault, Opaque, Raised, Record, Sequences

_Test = TypeVar("_Test", bound=Callable[..., Any])

fault = Fault
sequences = Sequences()


def rule(*ids: str) -> Callable[[_Test], _Test]:
    """Says which sentences of the contract a test checks.

    Args:
        ids: keys of `rules` in the exercise's `exercise.yaml`.
    """
    import pytest  # the grader's own process reads plans of this package, and needs no pytest

    return pytest.mark.rule(*ids)


__all__ = ["Inconclusive", "Opaque", "Raised", "Record", "RuleBroken", "fault", "rule", "sequences"]
