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


@pytest.mark.parametrize(
    "later",
    [(0, 1, [], 0.0, 5.0, 3, 4), (0, 1, [], 5.0, 4.0, 3, 4), (0, 1, [], -1.0, None, 3, None)],
)
def test_what_goes_back_is_forged(later: Entry) -> None:
    with pytest.raises(Forged, match="backwards"):
        check_moments([run((0, 0, [], 0.0, 5.0, 1, 2), later)])


def test_what_is_no_number_is_forged() -> None:
    with pytest.raises(Forged, match="backwards"):
        check_moments([run((0, 0, [], 0.0, float("nan"), 1, 2))])
