"""Virtual time as runs tell of it: honest clocks stand still or go on."""

from __future__ import annotations

import pytest

from grader import wire
from grader.testing.moments import check_moments
from grader.testing.outside import Forged

Entry = tuple[int, int, list[object], float, float | None, int, int | None]


def run(*entries: Entry) -> wire.Observed:
    return wire.Observed("-", "done", "", {}, {}, {}, list(entries), [], [], 0, "-")


def test_what_stands_still_or_goes_on_is_honest() -> None:
    one: Entry = (0, 0, [], 0.0, 5.0, 1, 4)
    check_moments([run(), run(one), run(one, (0, 1, [], 0.0, 5.0, 2, 3)), run((0, 0, [], 3.0, None, 1, None))])
    check_moments([run((0, 0, [], 0.0, 0.0, 1, 2), (0, 0, [], 2.0, 1e15, 3, 4))])


def test_what_goes_back_is_forged() -> None:
    with pytest.raises(Forged, match="backwards"):
        check_moments([run((0, 0, [], 0.0, 5.0, 1, 2), (0, 1, [], 0.0, 5.0, 3, 4))])


@pytest.mark.parametrize(
    ("began", "ended"),
    [(-1.0, 0.0), (-1.0, None), (2.0, 1.0), (1e308, -1e308), (0.0, 1e308), (1e308, None), (0.0, float("nan")),
     (float("nan"), None), (float("inf"), None)],
)  # fmt: skip
def test_a_moment_that_cannot_be_is_forged(began: float, ended: float | None) -> None:
    with pytest.raises(Forged, match="virtual time is said to have gone as it cannot"):
        check_moments([run((0, 0, [], 0.0, 0.0, 1, 2), (0, 0, [], began, ended, 3, 4))])
