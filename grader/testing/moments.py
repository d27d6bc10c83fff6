"""Virtual time as a run tells of it: it never goes backwards."""

from __future__ import annotations

from collections.abc import Iterable

from grader import wire
from grader.testing.outside import Forged


def check_moments(observed: Iterable[wire.Observed]) -> None:
    """The calls of probes that runs are said to have made: what came later in a run was not earlier by its clock.

    Args:
        observed: what was seen in each run.

    Raises:
        Forged: it was.
    """
    for run in observed:
        begins = [(came, began) for _, _, _, began, _, came, _ in run.entries]
        ends = [(went, ended) for *_, ended, _, went in run.entries if went is not None and ended is not None]
        latest = 0.0
        for _, moment in sorted([*begins, *ends]):
            if not moment >= latest:
                raise Forged("calls in the controlled world are told of by a clock that goes backwards")
            latest = moment
