"""How points and names are worded."""

from __future__ import annotations

import pytest

from grader.reports import wording


@pytest.mark.parametrize(
    ("points", "text"), [(7.0, "7"), (7.5, "7.5"), (0.25, "0.25"), (0.0, "0"), (100.0, "100"), (10.0, "10")]
)
def test_points_have_no_trailing_zeros(points: float, text: str) -> None:
    assert wording.number(points) == text


def test_only_one_is_singular() -> None:
    counts = [wording.counted(count, "point") for count in (0.0, 0.5, 1.0, 2.0)]
    assert counts == ["0 points", "0.5 points", "1 point", "2 points"]


def test_name_without_its_prefix_is_a_part_of_it() -> None:
    assert wording.test_name("test_each_test_counts") == "each_test_counts"
