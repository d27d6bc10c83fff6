"""Tests that are shared out: the first to one, then each number to one taker."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from grader.testing.shares import Dealer, Share


@pytest.fixture
def dealer() -> Iterator[Dealer]:
    made = Dealer(300)
    yield made
    made.close()


def taken(share: Share) -> list[tuple[int, str]]:
    found = []
    while (one := share.take()) is not None:
        found.append(one)
    return found


def test_the_first_falls_to_one_and_the_others_come_when_it_is_over(dealer: Dealer) -> None:
    share = dealer.share
    assert (dealer.left, share.left, dealer.is_begun) == (301, 1, False)
    assert share.take_first() and not share.take_first()
    assert (dealer.left, share.left, dealer.is_begun) == (300, 0, True)
    dealer.deal("runaway")
    dealer.deal("")  # which changes nothing any more
    assert (dealer.left, share.left) == (300, 300)
    assert taken(share) == [(number, "runaway") for number in range(1, 301)]
    assert dealer.left == 0 and list(dealer.rest()) == []


@pytest.mark.parametrize("given_up", ["", "stuck", "memory"])
def test_what_makes_nobody_less_patient_is_not_told(dealer: Dealer, given_up: str) -> None:
    dealer.deal(given_up)
    assert dealer.share.take() == (1, "")


def test_what_nobody_has_taken_can_be_taken_back(dealer: Dealer) -> None:
    assert list(dealer.rest()) == list(range(301))


def test_each_number_is_taken_by_one_process_only(dealer: Dealer) -> None:
    reading, writing = os.pipe()
    children = []
    for _ in range(4):
        children.append(os.fork())
        if children[-1] == 0:
            os.close(dealer._giving)
            first = [0] if dealer.share.take_first() else []
            numbers = first + [number for number, _ in taken(dealer.share)]
            os.write(writing, b"".join(b"%d\n" % number for number in numbers))
            os._exit(0)
    dealer.deal("")  # for whoever waits
    for child in children:
        os.waitpid(child, 0)
    os.close(writing)
    with open(reading, "rb") as said:
        assert sorted(map(int, said)) == list(range(301))


def test_what_a_student_process_is_started_with_is_not_among_it(dealer: Dealer) -> None:
    for descriptor in dealer.share.descriptors:
        assert not os.get_inheritable(descriptor)
        os.set_inheritable(descriptor, True)
    Share(*dealer.share.descriptors)  # as a session makes it
    assert not any(map(os.get_inheritable, dealer.share.descriptors))
