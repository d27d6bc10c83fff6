"""Virtual time as a run tells of it: it begins at 0, never goes backwards, and does not end in the beyond."""

from __future__ import annotations

from collections.abc import Iterable

from grader import wire
from grader.testing.outside import Forged

_MOST_TIME = 1e18
"""Units of virtual time: more than any number of the longest sleeps comes to."""


def check_moments(observed: Iterable[wire.Observed]) -> None:
    """The calls of probes that runs are said to have made: when is possible, and what came later was not earlier.

    Args:
        observed: what was seen in each run.

    Raises:
        Forged: time does not go like that.
    """
    for run in observed:
        moments: list[tuple[int, float]] = []
        for _, _, _, began, ended, came, went in run.entries:
            if not 0 <= began <= (began if ended is None else ended) <= _MOST_TIME:
                raise Forged("virtual time is said to have gone as it cannot")
            moments.append((came, began))
            if went is not None and ended is not None:
                moments.append((went, ended))
        latest = 0.0
        for _, moment in sorted(moments):
            if moment < latest:
                raise Forged("calls in the controlled world are told of by a clock that goes backwards")
            latest = moment
