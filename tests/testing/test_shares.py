"""Tests that are shared out: each number to one taker."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from grader.testing.shares import Share


@pytest.fixture
def share() -> Iterator[Share]:
    made = Share.of(300)
    yield made
    made.close()


def test_numbers_come_in_order_until_there_are_none(share: Share) -> None:
    taken = iter(share)
    assert share.left == 300
    assert [next(taken) for _ in range(3)] == [0, 1, 2] and share.left == 297
    assert list(taken) == list(range(3, 300)) and share.left == 0 and list(share) == []


def test_each_number_is_taken_by_one_process_only(share: Share) -> None:
    reading, writing = os.pipe()
    children = []
    for _ in range(4):
        children.append(os.fork())
        if children[-1] == 0:
            os.write(writing, b"".join(b"%d\n" % number for number in share))
            os._exit(0)
    for child in children:
        os.waitpid(child, 0)
    os.close(writing)
    with open(reading, "rb") as said:
        assert sorted(map(int, said)) == list(range(300))


def test_what_a_student_process_is_started_with_is_not_among_it(share: Share) -> None:
    assert not os.get_inheritable(share.descriptor)
    os.set_inheritable(share.descriptor, True)
    assert not os.get_inheritable(Share(share.descriptor).descriptor)  # as a session finds it
