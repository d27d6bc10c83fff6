"""A schedule that fails is made shorter, in so many runs at most."""

from __future__ import annotations

from grader.testing.shrinking import shrink


def test_only_what_the_failure_needs_is_left() -> None:
    needed = {"3.1", "9.2"}
    schedule = "-".join(f"{step}.{step % 3}" for step in range(8)) + "-3.1-8.0-9.2"
    assert shrink(schedule, lambda shorter: needed <= {*shorter.split("-")}, 60) == "3.1-9.2"


def test_one_that_fails_without_any_switch_has_none() -> None:
    assert shrink("1.1-2.0", lambda _: True, 60) == "-"
    assert shrink("-", lambda _: True, 60) == "-"


def test_no_more_runs_than_allowed() -> None:
    tried: list[str] = []

    def fails(schedule: str) -> bool:
        tried.append(schedule)
        return "7.0" in schedule

    assert "7.0" in shrink("-".join(f"{step}.0" for step in range(40)), fails, 3)
    assert len(tried) == 3
