"""Attacks of every kind, graded for real: what must come out comes out, and the next submission does not notice.

Here one attack in four is run at tier `jail`, one in thirty at each lesser tier, and the next submission after
some; `make check-all` runs all of it, many times (`benchmarks/attacks.py`). `ATTACKS=all` makes it all of it here.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

import pytest

from tests.attacks.corpus import TIERS, Attack, attacks
from tests.attacks.judging import deviations
from tests.attacks.running import ROOT, Range, opened_range, why_not

ALL = os.environ.get("ATTACKS") == "all"
NEXT, JAIL, LESSER = (1, 1, 1) if ALL else (12, 4, 30)

CASES = [
    pytest.param(attack, tier, number % NEXT == 0, id=f"{tier}-{attack.name}")
    for tier in TIERS
    for number, attack in enumerate(attacks())
    if number % (JAIL if tier == "jail" else LESSER) == 0
]
"""Attack, tier, and whether the next submission is graded as well."""

_why_not = cache(why_not)


def _run(place: Range, attack: Attack, tier: str, and_next: bool) -> list[str]:
    found = deviations(attack, tier, place.run(attack, tier))
    return [*found, place.next_differs(tier)] if and_next else found


@pytest.fixture(scope="module")
def judged(request: pytest.FixtureRequest) -> Iterator[Callable[[Attack, str], list[str]]]:
    """What is not as it must be, of each case that was selected: they run side by side, ahead of the tests."""
    wanted = [
        item.callspec.params
        for item in request.session.items
        if item.path == request.path and hasattr(item, "callspec")
    ]
    with opened_range() as place, ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
        running: dict[tuple[str, str], Future[list[str]]] = {
            (given["attack"].name, given["tier"]): pool.submit(_run, place, **given)
            for given in wanted
            if not _why_not(given["tier"])
        }
        yield lambda attack, tier: [line for line in running[attack.name, tier].result() if line]
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize(("attack", "tier", "and_next"), CASES)
def test_attack(attack: Attack, tier: str, and_next: bool, judged: Callable[[Attack, str], list[str]]) -> None:
    if why := _why_not(tier):
        pytest.skip(why)
    found = judged(attack, tier)
    known = attack.at(tier, "open")
    assert found or not known, f"it does what it must: remove `# open: {known}` from {attack.path}"
    assert known or not found, "\n".join([attack.at(tier, "tries"), *found])


def test_the_page_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("docs_attacks_page", ROOT / "docs" / "attacks_page.py")
    assert spec is not None and spec.loader is not None
    page = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page)
    assert page.PAGE.read_text(encoding="utf-8") == page.render(attacks())
